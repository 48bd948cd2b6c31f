"""What is said in the tests of guardrails: long answers of a provider with canaries in
them, in four protocols, and what of an answer a client has got. Beside the world of
tests/money."""

import json
import re

from protocols import event_rows, events, is_whole, plain, streamed

USAGE = {"input": 40, "read": 0, "write": 0, "output": 20, "reasoning": 0}
MARK = "[REDACTED]"


def _spoken(row, protocol):
    """The text of an event of a stream."""
    try:
        if protocol == "chat":
            return "".join(one["delta"].get("content") or "" for one in row["choices"])
        if protocol == "responses":
            return row["delta"] if row["type"] == "response.output_text.delta" else ""
        if protocol == "messages":
            return row["delta"]["text"] if row["type"] == "content_block_delta" else ""
        return "".join(part["text"] for part in row["candidates"][0]["content"]["parts"])
    except (KeyError, TypeError, IndexError):
        return ""


def _whole(body, protocol):
    """The text of a single answer."""
    try:
        said = json.loads(body)
        if protocol == "chat":
            return said["choices"][0]["message"]["content"]
        if protocol == "responses":
            return said["output"][0]["content"][0]["text"]
        if protocol == "messages":
            return said["content"][0]["text"]
        return _spoken(said, protocol)
    except (ValueError, KeyError, TypeError, IndexError):
        return ""


def text_of(protocol, stream, answer):
    """What a client has got of the text, whole or not."""
    if not stream:
        return _whole(answer.body, protocol)
    return "".join(_spoken(row, protocol) for row in events(answer.body))


def says_error(protocol, stream, answer):
    """An error in the protocol's own shape, as the answer or as the last event; behind
    that one a stream ends without a last chunk."""
    if not stream or answer.status != 200:
        if answer.cut or answer.status < 400:
            return False
        try:
            return "message" in json.loads(answer.body)["error"]
        except (ValueError, KeyError, TypeError):
            return False
    rows = [row for row in events(answer.body) if isinstance(row, dict)]
    if not rows:
        return False
    last = rows[-1]
    if protocol == "responses":
        return last.get("type") in ("error", "response.failed")
    return "message" in (last.get("error") or {})


def _pieces(text, size):
    return [text[at:at + size] for at in range(0, len(text), size)]


def _long_rows(protocol, text, size):
    """The rows of a stream, with a piece of the text for each of size characters."""
    whole, found = json.dumps(text)[1:-1], []
    for row in event_rows(protocol, USAGE):
        raw = json.dumps(row)
        if protocol == "google":
            is_end, word = "finishReason" in raw, "All right."
        else:
            is_end, word = "All right." in raw, "All "
        if '"right."' in raw:
            continue
        if f'"{word}"' in raw and not is_end:
            found += [json.loads(raw.replace(f'"{word}"', json.dumps(piece)))
                      for piece in _pieces(text, size)]
        else:
            last = "" if protocol == "google" else whole
            found.append(json.loads(raw.replace("All right.", last)))
    if protocol == "responses":
        for number, row in enumerate(found):
            row["sequence_number"] = number
    return found


def said(protocol, stream, text, size=3):
    """The bytes of a provider's answer."""
    if stream:
        return streamed(protocol, _long_rows(protocol, text, size))
    return json.dumps(plain(protocol, USAGE)).replace("All right.",
                                                      json.dumps(text)[1:-1])


def is_good(protocol, stream, answer, text):
    """Whole, and this text."""
    return is_whole(protocol, stream, answer) \
        and text_of(protocol, stream, answer) == text


def holds(canary, text):
    """Whether eight characters of a canary stand anywhere in a row."""
    return any(canary[at:at + 8] in text for at in range(len(canary) - 7))


def redacted(text, pattern):
    return re.sub(pattern, MARK, text)
