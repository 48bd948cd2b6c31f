"""What callers may spend: crowds against budgets, in every protocol and placement, and
the rights of keys. Each call says how much output it wants; the mock provider answers
with 20 tokens, so a call may cost what it was weighed with, or a tenth of it."""

import json
import os
import sys
import threading
import time

from protocols import NAMES, error, is_whole
from world import BITROUTER, DEEP, MOCK, Tally, World, need, together, until

RATE = 1000                # USD for a million tokens of output
TOKENS = 20                # of the mock provider's answer
CALL_NUSD = TOKENS * RATE * 1000
PRICING = {"input_tokens": {"no_cache": 0, "cache_read": 0, "cache_write": 0},
           "output_tokens": {"text": RATE}}
MODEL = "mock-tools-first20"
UNPRICED = "mock-tools-tag7"
SLOW = "mock-tools-first3000-tag8"
WIDE = "mock-tools-tag9"   # its maximum of output is more than a budget has
FAILING = "mock-tools-500"
ERRORS = {"chat": "budget_exhausted", "responses": "budget_exhausted",
          "messages": "rate_limit_error", "google": "RESOURCE_EXHAUSTED"}

tally = Tally()
check = tally.check


def usd(nusd):
    """A budget as key sign takes it: micro-USD."""
    return str(nusd // 1000)


def open_world(placement, **members):
    world = World(placement, record=999)
    words = {"good": MODEL, "bad": FAILING, "dear": UNPRICED, "slow": SLOW, "wide": WIDE}
    routes = {f"{word}-{name}": {"strategy": "priority", "endpoints": [
                  {"provider": name, "service_id": model}]}
              for name in NAMES for word, model in words.items()}
    world.configure({MODEL: {"pricing": PRICING}, FAILING: {"pricing": PRICING},
                     SLOW: {"pricing": PRICING}, UNPRICED: {},
                     WIDE: {"pricing": PRICING, "max_output_tokens": 4000}}, routes,
                    **members)
    world.start()
    return world


def check_refusals(what, protocol, answers, resets=False):
    """Each of them is a 429 in the protocol's own shape."""
    shapes = {(error(protocol, one.body) or ("no shape: " + one.body[:200],))[0]
              for one in answers}
    check(f"{what}: refused in its shape", shapes,
          {ERRORS[protocol]} if answers else set())
    hints = {one.headers.get("x-should-retry") for one in answers}
    check(f"{what}: nobody is told to try again", hints, {"false"} if answers else set())
    later = {"retry-after" in one.headers for one in answers}
    check(f"{what}: retry-after", later, {resets} if answers else set())


def statuses(answers):
    found = {}
    for one in answers:
        name = str(one.status) if not one.cut else f"cut: {one.cut}"
        found[name] = found.get(name, 0) + 1
    return found


class Watch:
    """Looks again and again whether a ledger or a budget is over its limit."""

    def __init__(self, world, key, limit):
        self.most, self.held, self._end = 0, 0, threading.Event()
        self._world, self._key, self._limit = world, key, limit
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._end.wait(0.02):
            self.most = max(self.most, spent(self._world, self._key))
            for one in self._world.admin("budgets") or ():
                if one["key"] == self._key:
                    held = int(one["spent_nusd"]) + int(one["held_nusd"])
                    self.held = max(self.held, held)

    def stop(self):
        self._end.set()
        self._thread.join()
        self.most = max(self.most, spent(self._world, self._key))


def spent(world, *keys):
    """nano-USD, by the ledger"""
    marks = ",".join("?" * len(keys))
    return sum(row["cost_nusd"] or 0 for row in world.rows(f"key_id IN ({marks})", *keys))


def exact(world, protocol, stream, callers, served):
    """A call costs just what it was weighed with."""
    what = f"{world.placement}, {protocol}{' streamed' if stream else ''}"
    key = world.sign("--budget", usd(served * CALL_NUSD), "--budget-scope", "session")
    watch = Watch(world, key["id"], served * CALL_NUSD)
    answers = together(callers, lambda _: world.talk(
        protocol, f"good-{protocol}", stream, TOKENS, key["key"]))
    rows = world.wait_rows(served, "key_id = ?", key["id"])
    watch.stop()
    whole = [one for one in answers if is_whole(protocol, stream, one)]
    refused = [one for one in answers if one.status == 429]
    check(f"{what}: served", len(whole), served)
    check(f"{what}: refused", len(refused), callers - served)
    if len(whole) + len(refused) != callers:
        print(f"  statuses: {statuses(answers)}")
    check_refusals(what, protocol, refused)
    check(f"{what}: rows, each of the whole price",
          [row["cost_nusd"] for row in rows], [CALL_NUSD] * served)
    check(f"{what}: spent is the budget", spent(world, key["id"]), served * CALL_NUSD)
    check(f"{what}: never over it", max(watch.most, watch.held) <= served * CALL_NUSD)


def tenth(world, protocol, stream, callers, room):
    """A call costs a tenth of what it was weighed with; room: worst cases at a time."""
    what = f"{world.placement}, {protocol}{' streamed' if stream else ''}, a tenth"
    worst = 10 * CALL_NUSD
    budget = room * worst
    key = world.sign("--budget", usd(budget), "--budget-scope", "session")
    watch = Watch(world, key["id"], budget)
    answers = together(callers, lambda _: world.talk(
        protocol, f"good-{protocol}", stream, 10 * TOKENS, key["key"]))
    whole = [one for one in answers if is_whole(protocol, stream, one)]
    refused = [one for one in answers if one.status == 429]
    rows = world.wait_rows(len(whole), "key_id = ?", key["id"])
    watch.stop()
    check(f"{what}: all are answered", len(whole) + len(refused), callers)
    if len(whole) + len(refused) != callers:
        print(f"  statuses: {statuses(answers)}")
    check(f"{what}: a row for each that was served", len(rows), len(whole))
    check(f"{what}: never over the budget", max(watch.most, watch.held) <= budget)
    all_calls = callers * CALL_NUSD
    total = spent(world, key["id"])
    check(f"{what}: within a worst case of what could be spent",
          min(budget, all_calls) - worst < total <= min(budget, all_calls))
    check_refusals(what, protocol, refused)


def released(world):
    """A call that fails gives back all; one whose client leaves holds no more."""
    key = world.sign("--budget", usd(CALL_NUSD))
    for protocol in NAMES:
        for stream in (False, True):
            answer = world.talk(protocol, f"bad-{protocol}", stream, TOKENS, key["key"])
            check(f"released, {protocol}: it fails for itself", answer.status >= 500)
            world.wait_rows(1, "request_id = ?",
                            answer.headers["x-bitrouter-request-id"])
    check("released: then there is room", world.talk(
        "chat", "good-chat", False, TOKENS, key["key"]).status, 200)
    key = world.sign("--budget", usd(3 * CALL_NUSD))
    left = together(6, lambda _: world.talk("chat", "slow-chat", False, TOKENS,
                                            key["key"], patience=0.3))
    check("released: clients have left", [one.status for one in left], [0] * 6)

    def budget():
        return next(one for one in world.admin("budgets") if one["key"] == key["id"])
    until("nothing is held", lambda: (budget()["held"], budget()["waiting"]) == (0, 0))
    check("released: nobody has spent it all",
          int(budget()["spent_nusd"]) < 3 * CALL_NUSD)
    check("released: the ledger says the same", spent(world, key["id"]),
          int(budget()["spent_nusd"]))


def capped(world):
    """A client that sets no maximum: the provider is told what there is room for, as long
    as that is 64 tokens."""
    key = world.sign("--budget", usd(130 * CALL_NUSD // TOKENS))
    found = []
    for protocol, stream in [(name, stream) for name in ("chat", "responses", "google")
                             for stream in (False, True)]:
        answer = world.talk(protocol, f"wide-{protocol}", stream, None, key["key"])
        found.append(answer.status)
        if answer.status == 200:
            world.wait_rows(1, "request_id = ?", answer.headers["x-bitrouter-request-id"])
    most = []
    for one in json.loads(world.ask_mock()):
        if one["model"] == WIDE:
            body = json.loads(one["body"])
            most.append(body.get("max_tokens") or body.get("max_output_tokens")
                        or body["generationConfig"]["maxOutputTokens"])
    check("capped: as long as there is room", found, [200] * 4 + [429] * 2)
    check("capped: each with what was left", most, [130, 110, 90, 70])
    check("capped: spent", spent(world, key["id"]), 4 * CALL_NUSD)


def account(world):
    """Two keys of one account."""
    flags = ("--account", "eng", "--budget", usd(20 * CALL_NUSD), "--budget-scope",
             "account")
    keys = [world.sign(*flags), world.sign(*flags)]
    answers = together(60, lambda i: world.talk(
        "chat", "good-chat", False, TOKENS, keys[i % 2]["key"]))
    check(f"{world.placement}, account: two keys share its budget", statuses(answers),
          {"200": 20, "429": 40})
    check(f"{world.placement}, account: spent",
          spent(world, *(one["id"] for one in keys)), 20 * CALL_NUSD)
    other = world.sign("--account", "ops", *flags[2:])
    check("another account has its own",
          world.talk("chat", "good-chat", False, TOKENS, other["key"]).status, 200)


def rounds(world):
    """Calls that end well are counted, not those that fail."""
    key = world.sign("--budget", usd(1000 * CALL_NUSD), "--budget-range", "rounds:7")
    failed = together(5, lambda _: world.talk("chat", "bad-chat", False, TOKENS,
                                              key["key"]))
    check("rounds: calls may fail", {one.status >= 500 for one in failed}, {True})
    world.wait_rows(5, "key_id = ?", key["id"])
    answers = together(30, lambda _: world.talk("messages", "good-messages", True, TOKENS,
                                                key["key"]))
    check("rounds: seven are served", statuses(answers), {"200": 7, "429": 23})
    check_refusals("rounds", "messages", [one for one in answers if one.status == 429])


def duration(world):
    """What was spent longer ago than the window counts no more."""
    key = world.sign("--budget", usd(4 * CALL_NUSD), "--budget-range", "duration:3s")
    answers = together(10, lambda _: world.talk("chat", "good-chat", False, TOKENS,
                                                key["key"]))
    began = time.monotonic()
    check("duration: four are served", statuses(answers), {"200": 4, "429": 6})
    refused = [one for one in answers if one.status == 429]
    check_refusals("duration", "chat", refused, resets=True)
    check("duration: it says when", {1 <= int(one.headers.get("retry-after", 0)) <= 4
                                     for one in refused}, {True})
    one = refused[0]
    while one.status == 429 and time.monotonic() < began + 10:
        time.sleep(0.1)
        one = world.talk("chat", "good-chat", False, TOKENS, key["key"])
    check("duration: then it may again", one.status, 200)
    check("duration: after the window", time.monotonic() - began > 1.5)


def rights(world):
    """Keys that are revoked, expired, unknown, or for some models only."""
    def ask(protocol, key, model=None):
        return world.talk(protocol, model or f"good-{protocol}", False, TOKENS, key)

    key = world.sign()
    check("a key without a budget", ask("chat", key["key"]).status, 200)
    world.run("key", "revoke", key["id"])
    until("the key is revoked", lambda: ask("chat", key["key"]).status != 200, 5)
    expired = world.sign("--exp", "2s")
    until("the key expires", lambda: ask("chat", expired["key"]).status != 200, 10)
    unknown = "brvk_" + "A" * 43
    for protocol in NAMES:
        for what, one in (("revoked", key["key"]), ("expired", expired["key"]),
                          ("unknown", unknown)):
            answer = ask(protocol, one)
            check(f"{what}, {protocol}", answer.status, 401)
            check(f"{what}, {protocol}: www-authenticate",
                  answer.headers.get("www-authenticate"), 'Bearer realm="bitrouter"')
            check(f"{what}, {protocol}: its shape",
                  error(protocol, answer.body) is not None)
    some = world.sign("--models", "chat:*,good-google")
    for protocol, wanted in (("chat", 200), ("google", 200), ("messages", 403),
                             ("responses", 403)):
        check(f"allowlist, {protocol}", ask(protocol, some["key"]).status, wanted)
    listed = world.ask("/v1/models", None, some["key"], method="GET")
    ids = [one["id"] for one in json.loads(listed.body)["data"]]
    check("allowlist: the list of models",
          {"good-google"} <= set(ids) and not any("messages" in one for one in ids))


def tokens(world):
    """A token of an account of this node, with a budget."""
    world.run("account", "-g")
    token = world.run("keygen", "--budget", usd(3 * CALL_NUSD), "--budget-scope",
                      "session").stdout.strip()
    other = world.run("keygen", "--budget", usd(2 * CALL_NUSD), "--budget-scope",
                      "account").stdout.strip()
    world.wait_known(token)
    for name, one, served in (("token", token, 3), ("token, account", other, None)):
        answers = together(10, lambda _: world.talk("chat", "good-chat", False, TOKENS,
                                                    one))
        found = statuses(answers)
        if served is None:
            #  What the account has spent by the other one counts too.
            check(f"{name}: the account has spent its budget", found, {"429": 10})
        else:
            check(name, found, {"200": served, "429": 10 - served})
    broken = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    check("a token with another signature",
          world.talk("chat", "good-chat", False, TOKENS, broken).status, 401)


def unpriced(world, wanted):
    key = world.sign("--budget", usd(2 * CALL_NUSD))
    for protocol in NAMES:
        answer = world.talk(protocol, f"dear-{protocol}", False, TOKENS, key["key"])
        check(f"without a price, {protocol}", answer.status, wanted)
    free = world.talk("chat", "dear-chat", False, TOKENS, world.sign()["key"])
    check("without a price and without a budget", free.status, 200)


def crowds(placement):
    """Short: a protocol each way; deep: all of them."""
    callers, served, room = (200, 50, 5) if DEEP else (60, 15, 3)
    with open_world(placement) as world:
        both = [(name, stream) for name in NAMES for stream in (False, True)]
        short = both[:1] + both[5:6] if placement != "one" else both
        for protocol, stream in both if DEEP else short:
            exact(world, protocol, stream, callers, served)
        for protocol, stream in both if DEEP else both[:1] + both[7:]:
            tenth(world, protocol, stream, callers, room)
        account(world)
        check(f"{placement}: it ends in order", world.stop(), 0)


def main():
    need(BITROUTER, MOCK)
    only = os.environ.get("BR_ONLY", "")
    for placement in ("one", "processes", "hosts"):
        if only in ("", placement):
            crowds(placement)
    if only in ("", "rules"):
        with open_world("one") as world:
            for part in (released, capped, rounds, duration, rights, tokens):
                part(world)
            unpriced(world, 403)
        with open_world("one", auth={"unpriced": "allow"}) as world:
            unpriced(world, 200)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
