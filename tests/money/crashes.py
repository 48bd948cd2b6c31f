"""Kills in the middle of a load: the meter's process, that of identities and budgets, and
all of bitrouter at once, which is started again. What a client has got in full before a
kill is on the books, once; nobody spends more than a budget; and the chain holds."""

import os
import random
import signal
import sys
import threading
import time

from protocols import NAMES, is_whole
from world import BITROUTER, MOCK, Tally, World, need, until

SECONDS = int(os.environ.get("BR_SECONDS") or 75)  # of load, all placements together
WORKERS = 8
TICK = 0.3  # seconds: many ticks of router and meter, on a machine with no time for them
TOKENS = 20
CALL_NUSD = 20 * 1000000
MODELS = ("mock-tools-tag1", "mock-tools-first15-tag2", "mock-tools-gap4-tag3")
PRICING = {"input_tokens": {"no_cache": 0}, "output_tokens": {"text": 1000}}

tally = Tally()
check = tally.check


class Load:
    """Workers that ask all the time, with keys of which some have budgets."""

    def __init__(self, world, dice, keys):
        self.world, self.keys = world, keys
        self.calls = {}  # by request id: (answer, is it whole)
        self.kills = []  # (when, what)
        self._end, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._work, daemon=True,
                                          args=(random.Random(dice.random()),))
                         for _ in range(WORKERS)]
        for thread in self._threads:
            thread.start()

    def _work(self, dice):
        while not self._end.is_set():
            name, stream = dice.choice(NAMES), dice.random() < 0.5
            key = dice.choice(self.keys)
            call = f"call-{dice.randrange(1 << 60):x}"
            route = f"{dice.choice(MODELS)}-{name}"
            answer = self.world.talk(name, route, stream, TOKENS, key and key["key"],
                                     headers={"x-bitrouter-request-id": call},
                                     patience=20)
            whole = is_whole(name, stream, answer)
            with self._lock:
                self.calls[call] = (answer, whole)
            if not whole:
                time.sleep(0.02)

    def whole_since(self, when):
        """Names of calls whose answers came in full since then."""
        with self._lock:
            return {call for call, (answer, whole) in self.calls.items()
                    if whole and answer.ended > when + TICK}

    def stop(self):
        self._end.set()
        for thread in self._threads:
            thread.join()


def open_world(placement, *args):
    world = World(placement)
    routes = {f"{model}-{name}": {"strategy": "priority", "endpoints": [
        {"provider": name, "service_id": model}]} for name in NAMES for model in MODELS}
    world.configure({model: {"pricing": PRICING} for model in MODELS}, routes,
                    auth={"budget_wait_secs": 2},
                    upstream={"retries": 0, "breaker": {"failures": 0,
                                                        "error_percent": 0}})
    world.start(*args)
    return world


def kill_all(world, kills):
    """All processes at once, then a new start."""
    pids = world.pids()
    kills.append((time.time(), "all"))
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    world.server.wait()
    until("all are gone", lambda: not world.pids())
    #  Rows may be newer than the head that was signed last, until the next start.
    done = world.run("ledger", "verify", ok=False)
    is_good = done.returncode == 0 or "not under the signed head" in done.stderr
    check(f"{world.placement}: verify of what a kill has left, {done.stderr}", is_good)
    kills.append((time.time(), "healed"))
    world.start()


def kill_host(world, name, kills):
    """One process; it must be back, in another life."""
    def find():
        rows = world.admin("hosts") or ()
        return next((row for row in rows if row["name"] == name
                     and row["state"] == "up"), None)
    old = until(f"{name} is there", find)
    kills.append((time.time(), name))
    os.kill(old["pid"], signal.SIGKILL)
    until(f"{name} is back", lambda: (find() or old)["pid"] != old["pid"])


def wait_settled(world, load):
    """What was answered while a host was gone is settled, since the others know of it."""
    after = max([when for when, way in load.kills[:-1] if way == "healed"], default=0)
    whole = load.whole_since(after)

    def missing():
        found = {row["request_id"] for row in world.rows("outcome = 'ok'")}
        return whole - found
    try:
        until("all is settled", lambda: not missing(), 10)
    except TimeoutError:
        pass
    check(f"{world.placement}: all is settled after {load.kills[-2][1]} was killed",
          missing(), set())


def torment(world, load, dice, seconds):
    """Kills until the time is up."""
    end = time.monotonic() + seconds
    ways = ("all",) if world.placement == "one" else \
        os.environ.get("BR_WAYS", "all ledger control ledger").split()
    while time.monotonic() < end:
        time.sleep(dice.uniform(0.2, 1.0))
        way = dice.choice(ways)
        if way == "all":
            kill_all(world, load.kills)
        else:
            kill_host(world, way, load.kills)
            load.kills.append((time.time(), "healed"))
            wait_settled(world, load)


def judge(world, load):
    rows = {}
    for row in world.rows():
        rows.setdefault(row["request_id"], []).append(row)
    what = world.placement
    #  From a tick before a kill until the next start.
    kills = [(when - TICK, healed) for (when, way), (healed, _)
             in zip(load.kills[::2], load.kills[1::2]) if way == "all"]
    counts = {"whole": 0, "young, settled": 0, "young, lost": 0, "others settled": 0,
              "others lost": 0, "others without a row": 0, "refused": 0}
    missing, twice, wrong, late = [], [], [], [0]
    for call, (answer, whole) in load.calls.items():
        found = rows.get(call, [])
        if len(found) > 1:
            twice.append(call)
        outcome = found[0]["outcome"] if found else None
        if not whole:
            name = "refused" if answer.status == 429 else "others without a row" \
                if not found else "others lost" if outcome == "lost" else "others settled"
            counts[name] += 1
            continue
        counts["whole"] += 1
        if any(begin < answer.ended < end for begin, end in kills):
            counts["young, settled" if outcome == "ok" else "young, lost"] += 1
        elif outcome != "ok":
            missing.append((call, outcome, [round(begin + TICK - answer.ended, 3)
                                            for begin, _ in kills]))
        if outcome == "ok":
            late.append(found[0]["settled_ms"] - int(answer.ended * 1000))
        if outcome == "ok" and found[0]["cost_nusd"] != CALL_NUSD:
            wrong.append((call, found[0]["cost_nusd"]))
    print(f"{what}: {len(load.calls)} calls, {len(load.kills) // 2} kills; {counts}")
    late.sort()
    print(f"{what}: a row comes behind the answer's end by (ms) "
          f"{[late[len(late) * part // 1000] for part in (500, 900, 990, 999)]}")
    check(f"{what}: calls were served", counts["whole"] > 50)
    check(f"{what}: a whole answer is settled", missing[:5], [])
    check(f"{what}: none is there twice", twice[:5], [])
    check(f"{what}: each costs what it costs", wrong[:5], [])
    strange = [row["request_id"] for found in rows.values() for row in found
               if row["request_id"] not in load.calls]
    check(f"{what}: no rows of calls that nobody made", strange[:5], [])


def check_budgets(world, keys):
    for key in keys:
        if key and key.get("budget_nusd"):
            total = sum(row["cost_nusd"] or 0
                        for row in world.rows("key_id = ?", key["id"]))
            check(f"{world.placement}: {key['budget_scope']}, spent {total} of "
                  f"{key['budget_nusd']} nano-USD: never over it",
                  total <= key["budget_nusd"])
            check(f"{world.placement}: and it was of use", total > 0)


def play(placement, seconds, dice):
    with open_world(placement) as world:
        small, large = 40 * CALL_NUSD // 1000, 400 * CALL_NUSD // 1000
        keys = [None, world.sign(), world.sign("--budget", str(small)),
                world.sign("--budget", str(large)),
                world.sign("--account", "eng", "--budget", str(large), "--budget-scope",
                           "account")]
        load = Load(world, dice, keys)
        torment(world, load, dice, seconds)
        load.stop()
        time.sleep(0.2)
        check(f"{placement}: it ends in order", world.stop(), 0)
        world.start()
        until("calls of before are closed",
              lambda: world.admin("ledger")["open_intents"] == 0)
        judge(world, load)
        check_budgets(world, keys)
        done = world.run("ledger", "verify", ok=False)
        check(f"{placement}: verify", (done.returncode, done.stderr), (0, ""))
        check(f"{placement}: it ends in order again", world.stop(), 0)


def main():
    need(BITROUTER, MOCK)
    seed = int(os.environ.get("BR_SEED") or random.randrange(1000000))
    print(f"BR_SEED={seed}")
    dice = random.Random(seed)
    only = os.environ.get("BR_ONLY", "")
    for placement, share in (("processes", 0.6), ("one", 0.4)):
        if only in ("", placement):
            play(placement, SECONDS * share, dice)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
