#!/usr/bin/env python3
"""An issuer of OAuth 2.0 tokens, and the provider that takes them, for tests.

    tests/cli/issuer.py SECONDS

Prints its port. Tokens live for SECONDS. GET /log tells what was asked, GET /approve lets
the device in, GET /revoke makes the newest token worthless.
"""

import base64
import hashlib
import http.server
import json
import sys
import threading
import urllib.parse

LIFE = int(sys.argv[1])
lock = threading.Lock()
state = {"tokens": 0, "refresh": None, "good": set(), "challenges": {}, "approved": False,
         "polls": 0, "log": []}


def grant():
    """A new pair of tokens; the older refresh token is used up."""
    state["tokens"] += 1
    access = f"secret-access-{state['tokens']}"
    state["refresh"] = f"secret-refresh-{state['tokens']}"
    state["good"] = {access}
    return 200, {"access_token": access, "refresh_token": state["refresh"],
                 "expires_in": LIFE, "token_type": "Bearer"}


def by_code(form):
    challenge = state["challenges"].pop(form.get("code"), None)
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
        return 400, {"error": "invalid_grant"}
    return grant()


def by_device(form):
    state["polls"] += 1
    if not state["approved"]:
        return 400, {"error": "authorization_pending"}
    return grant()


def by_refresh(form):
    if form.get("refresh_token") != state["refresh"]:
        return 400, {"error": "invalid_grant"}
    return grant()


GRANTS = {"authorization_code": by_code, "refresh_token": by_refresh,
          "urn:ietf:params:oauth:grant-type:device_code": by_device}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        with lock:
            if url.path == "/authorize":
                code = f"code-{len(state['challenges'])}"
                state["challenges"][code] = query.get("code_challenge")
                good = (query.get("code_challenge_method") == "S256"
                        and query.get("client_id") == "the-client")
                result = {"code": code} if good else {"error": "invalid_request"}
                result["state"] = query.get("state", "")
                self.answer(302, {}, Location=query["redirect_uri"] + "?"
                            + urllib.parse.urlencode(result))
            elif url.path == "/approve":
                state["approved"] = True
                self.answer(200, {})
            elif url.path == "/revoke":
                state["good"] = set()
                self.answer(200, {})
            elif url.path == "/log":
                self.answer(200, state["log"])
            else:
                self.answer(404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with lock:
            if self.path == "/device":
                self.answer(200, {"device_code": "d", "user_code": "WXYZ-1234", "interval": 1,
                                  "verification_uri": "https://issuer.example/device"})
            elif self.path == "/token":
                form = dict(urllib.parse.parse_qsl(body))
                what = form.get("grant_type", "")
                status, result = GRANTS[what](form)
                state["log"].append(f"{what.rsplit(':')[-1]} {status}")
                self.answer(status, result)
            else:
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                good = token in state["good"] or token == "sk-key"
                state["log"].append(f"call {'good' if good else 'bad'}")
                status = 200 if good else 401
                number = token.rsplit("-")[-1]
                self.answer(status, {"id": "x", "object": "chat.completion", "choices": [
                    {"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": f"token {number}"}}]}
                    if good else {"error": {"message": "bad token"}})

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
