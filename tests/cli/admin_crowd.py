#!/usr/bin/env python3
#  Adds and removes dynamic routes over many connections at once: ZeroMQ one by one and
#  without waiting, the control socket likewise, and HTTP. Each connection has routes of its
#  own; of its 12 it removes each second one. What it was answered must be what it asked, in
#  that order, with generations that grow. Prints the names that must be left, a line each.
#
#      admin_crowd.py RUN_DIR URL RELOADS
#
#  RELOADS is how many of them are asked for meanwhile. Ends with 1 and a line for each wrong
#  answer.

import http.client
import json
import socket
import sys
import threading
import urllib.parse

import zmq

ROUTES = 12
WAIT_MS = 60_000
run_dir, url, reloads = sys.argv[1], urllib.parse.urlsplit(sys.argv[2]), int(sys.argv[3])
context = zmq.Context()
wrong = []
left = []


def steps(worker):
    """What a connection asks: (command, name)."""
    for i in range(ROUTES):
        name = f"{worker}-{i:02}"
        yield "route_add", name
        if i % 2:
            yield "route_remove", name
        else:
            left.append(name)


def args_of(command, name):
    if command == "route_remove":
        return {"name": name}
    return {"name": name, "endpoints": [{"provider": "echo", "service_id": name}]}


def judge(worker, asked, answers):
    """answers: (name, generation), or a text that tells what went wrong."""
    last = 0
    answers = list(answers)
    if len(answers) != len(asked):
        wrong.append(f"{worker}: {len(answers)} answers to {len(asked)} questions")
    for (command, name), answer in zip(asked, answers):
        if isinstance(answer, str):
            wrong.append(f"{worker}: {command} {name}: {answer}")
        elif answer[0] != name or answer[1] <= last:
            wrong.append(f"{worker}: {command} {name}: answered with {answer} after {last}")
        else:
            last = answer[1]


def of_door(reply):
    if not reply["ok"]:
        return reply["error"]["message"]
    return reply["result"]["name"], reply["result"]["generation"]


def of_control(reply):
    if reply["resp"] != "ok":
        return reply["message"]
    return reply["result"]["name"], reply["result"]["generation"]


#  ---- a worker for each way to ask


def door_socket(kind):
    door = context.socket(kind)
    door.linger = 0
    door.rcvtimeo = WAIT_MS
    door.connect(f"ipc://{run_dir}/admin.sock")
    return door


def by_req(asked):
    door = door_socket(zmq.REQ)
    for command, name in asked:
        door.send_json({"command": command, "args": args_of(command, name)})
        yield of_door(door.recv_json())


def by_dealer(asked):
    door = door_socket(zmq.DEALER)
    for command, name in asked:
        door.send_json({"command": command, "args": args_of(command, name)})
    for _ in asked:
        yield of_door(json.loads(door.recv_multipart()[-1]))


def control_socket():
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(WAIT_MS / 1000)
    peer.connect(f"{run_dir}/bitrouter.sock")
    return peer, peer.makefile("r")


def line_of(command, name):
    return json.dumps({"cmd": command, "args": args_of(command, name)}).encode() + b"\n"


def by_line(asked):
    peer, lines = control_socket()
    for command, name in asked:
        peer.sendall(line_of(command, name))
        yield of_control(json.loads(lines.readline()))


def by_lines_at_once(asked):
    peer, lines = control_socket()
    peer.sendall(b"".join(line_of(*step) for step in asked))
    peer.shutdown(socket.SHUT_WR)
    for line in lines:
        yield of_control(json.loads(line))


def by_http(asked):
    peer = http.client.HTTPConnection(url.hostname, url.port, timeout=WAIT_MS / 1000)
    for command, name in asked:
        if command == "route_add":
            body = json.dumps(args_of(command, name))
            peer.request("POST", "/admin/routes", body, {"content-type": "application/json"})
        else:
            peer.request("DELETE", f"/admin/routes/{name}")
        response = peer.getresponse()
        answer = json.loads(response.read())
        if response.status != 200:
            yield f"{response.status} {answer}"
        else:
            yield answer["name"], answer["generation"]


ways = [by_req, by_dealer, by_line, by_lines_at_once, by_http]


def work(worker, way):
    asked = list(steps(worker))
    try:
        judge(worker, asked, way(asked))
    except (OSError, ValueError, KeyError, zmq.ZMQError) as error:
        wrong.append(f"{worker}: {error!r}")


def reload():
    door = door_socket(zmq.REQ)
    for i in range(reloads):
        door.send_json({"command": "reload"})
        reply = door.recv_json()
        if not reply["ok"]:
            wrong.append(f"reload {i}: {reply}")


threads = [
    threading.Thread(target=work, args=(f"{way.__name__}-{i}", way))
    for way in ways
    for i in range(2)
]
threads.append(threading.Thread(target=reload))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("\n".join(sorted(left)))
for line in wrong:
    print(line, file=sys.stderr)
sys.exit(1 if wrong else 0)
