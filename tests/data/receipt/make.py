#!/usr/bin/env python3
"""Signs the receipt of tests/broker/ledger/test_ledger_receipt.c with another library than
ours: make.py > foreign.jws; make.py hostile > hostile.jws, of what a terminal would obey and
of numbers past 2^53, for the body "{}". The key is that of the seed 0, 1, ... 31."""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def coded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def text(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
header = {"alg": "EdDSA", "typ": "bitrouter-receipt+jwt", "kid": public.hex()}
payload = {
    "v": 1,
    "call": "00000000-0000-0001-0000-000000000007",
    "request_id": "req-1",
    "request_sha256": "ab" * 32,
    "account": "acme",
    "route": "fast",
    "provider": "openai",
    "model": "gpt-4o \"é\"",
    "surface": "chat",
    "outcome": "ok",
    "status": 200,
    "usage_known": True,
    "input_tokens": 1000,
    "cache_read_tokens": 30,
    "cache_write_tokens": 20,
    "cache_write_1h_tokens": 7,
    "audio_input_tokens": 3,
    "output_tokens": 100,
    "reasoning_tokens": 10,
    "audio_output_tokens": 4,
    "cost_nusd": 42,
    "settled_ms": 1750000002007,
    "seq": 7,
    "prev_hash": "01" * 32,
    "hash": "02" * 32,
}
if sys.argv[1:] == ["hostile"]:
    payload |= {
        "request_sha256": hashlib.sha256(b"{}").hexdigest(),
        "model": "gpt\u202e\x1b[2J\x7f\x9b\u2066\U000e0041",
        "input_tokens": 2**53 + 1,
        "cost_nusd": 2**63 - 1,
    }
signed = coded(text(header)) + b"." + coded(text(payload))
print((signed + b"." + coded(key.sign(signed))).decode())
