#!/usr/bin/env python3
"""A provider that keeps responses, for tests; each of its keys knows its own alone.

    tests/place/keeper.py

Prints its port, then a line for each 404. POST .../responses makes one, and goes on only
from one of the same key; GET, DELETE, .../cancel and .../input_items are answered with 404
where the key is another. The answer's `user` is the last letter of the key.
"""

import http.server
import itertools
import json
import threading

lock = threading.Lock()
number = itertools.count(1)
kept = {}  # id -> key


def missing(name):
    print(f"missing {name}", flush=True)
    return 404, {"error": {"message": f"the provider has no {name}", "code": "not_found"}}


def response(name, key):
    return 200, {"id": name, "object": "response", "created_at": 1, "status": "completed",
                 "model": "m", "output": [], "user": key[-1:],
                 "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def key(self):
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    def make(self, body):
        before = json.loads(body or b"{}").get("previous_response_id")
        with lock:
            if before and kept.get(before) != self.key():
                return missing(before)
            name = f"resp_{next(number)}"
            kept[name] = self.key()
        return response(name, self.key())

    def about(self):
        path = self.path.split("?")[0].split("/responses/")[1]
        name, _, part = path.partition("/")
        with lock:
            if kept.get(name) != self.key():
                return missing(name)
        if part == "input_items":
            return 200, {"object": "list", "data": [], "has_more": False}
        if self.command == "DELETE":
            return 200, {"id": name, "object": "response.deleted", "deleted": True}
        return response(name, self.key())

    def serve(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        makes = self.path.split("?")[0].endswith("/responses")
        self.answer(*(self.make(body) if makes else self.about()))

    do_GET = do_POST = do_DELETE = serve

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
