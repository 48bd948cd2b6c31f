#!/usr/bin/env python3
#  Lists the routes of a running bitrouter, adds one, hears a call over it, removes it: over
#  ZeroMQ, as docs/rfc/6-ADMIN.md and 5-EVENTS.md tell. Needs pyzmq.
#
#      admin.py [PROVIDER:MODEL]
#
#  BITROUTER_HOME tells which bitrouter, ~/.bitrouter by default.

import json
import os
import sys
import urllib.request

import zmq

ADMIN_MS = 35_000  # a rollout may take that long
EVENT_MS = 500
CALLS_MAX = 40

home = os.environ.get("BITROUTER_HOME") or os.path.expanduser("~/.bitrouter")
provider, _, model = (sys.argv[1] if len(sys.argv) > 1 else "echo:echo").partition(":")
name = f"example-{os.getpid()}"
context = zmq.Context()

door = context.socket(zmq.REQ)
door.linger = 0
door.rcvtimeo = ADMIN_MS
door.connect(f"ipc://{home}/run/admin.sock")

events = context.socket(zmq.SUB)
events.linger = 0
events.subscribe("call.ended")
events.connect(f"ipc://{home}/run/events.sock")


def ask(command, **args):
    """The result of a command of the admin door."""
    door.send_json({"command": command, "args": args})
    try:
        reply = door.recv_json()
    except zmq.Again:
        sys.exit(f"no answer from {home}/run/admin.sock: does bitrouter run?")
    if not reply["ok"]:
        sys.exit(f"{command}: {reply['error']['code']}: {reply['error']['message']}")
    return reply["result"]


def call(address):
    """A call over the new route, as any client makes it."""
    headers = {"content-type": "application/json"}
    if "BITROUTER_TOKEN" in os.environ:
        headers["authorization"] = "Bearer " + os.environ["BITROUTER_TOKEN"]
    body = {"model": name, "messages": [{"role": "user", "content": "hello"}]}
    request = urllib.request.Request(
        f"http://{address}/v1/chat/completions", json.dumps(body).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        response.read()


def hear():
    """The event of the call, or None when it does not come."""
    while events.poll(EVENT_MS):
        _, text = events.recv_multipart()
        event = json.loads(text)
        if event["route"] == name:
            return event
    return None


def call_and_hear():
    """A subscription takes a moment to begin, and what is told before is not heard."""
    address = ask("calls")["listen"][0]
    for _ in range(CALLS_MAX):
        call(address)
        event = hear()
        if event:
            return event
    sys.exit("no event came")


print("routes:", ", ".join(route["name"] for route in ask("routes")) or "none")
endpoints = [{"provider": provider, "service_id": model}]
print("added", ask("route_add", name=name, endpoints=endpoints)["name"])
try:
    ended = call_and_hear()
    print(f"a call over {name}: {ended['outcome']}, {ended['provider']}:{ended['model']}")
finally:
    print("removed", ask("route_remove", name=name)["name"])
