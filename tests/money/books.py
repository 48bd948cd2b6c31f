"""Whether the books balance: a mixed load, of which it is known by the mock provider's
log what each answer said of its tokens. Then the ledger is held against it to the
nano-dollar, and its chain is broken in every way, on copies."""

import json
import os
import random
import re
import shutil
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor

from protocols import (NAMES, event_rows, is_whole, plain, random_usage, silent,
                       streamed)
from world import BITROUTER, DEEP, MOCK, Tally, World, need, until

CALLS = 800 if DEEP else 240
AT_ONCE = 16
MILLION = 1000000
GREETING = {"input": 40, "read": 10, "write": 0, "output": 20, "reasoning": 8}
BUCKETS = ("input", "read", "write", "output", "reasoning")
COLUMNS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens",
           "reasoning_tokens")

#  What becomes of a call, and how often; the mock provider's words.
KINDS = (("good", 40, None), ("translated", 20, None), ("fallback", 12, None),
         ("retry", 8, "tools-500-times1"), ("refused", 4, "tools-500"),
         ("wrong", 3, "tools-400"), ("broken", 4, "tools-errorafter2"),
         ("cut", 4, "tools-cut2"), ("left", 8, "tools-gap150"),
         ("early", 4, "tools-first4000"), ("silent", 5, None),
         ("unpriced", 3, None))
FAILS = ("refused", "wrong", "broken", "cut")
LEAVES = ("left", "early")
REPORTS = ("good", "translated", "fallback", "retry")

tally = Tally()
check = tally.check


class Call:
    """One call of the load; rates: nano-USD per million tokens, as configured."""

    def __init__(self, number, kind, words, dice):
        self.name, self.number, self.kind = f"call-{number}", number, kind
        self.stream = kind in ("left", "broken", "cut") or \
            (kind != "early" and dice.random() < 0.5)
        self.protocol = self.provider = dice.choice(NAMES)
        if kind in ("translated", "fallback", "silent"):
            self.provider = dice.choice(NAMES)
        self.usage, self.file, self.text = GREETING, None, None
        if words is None:
            self.usage = random_usage(self.provider, dice)
            self.file = f"{self.provider}{number}.{'sse' if self.stream else 'json'}"
            self.text = self.answer_text()
            words = f"file.{self.file}"
        self.model = f"mock-{words}-tag{number}"
        self.rates, self.tier = rates(dice), None
        if dice.random() < 0.2:
            self.tier = (dice.randint(1, 6000), rates(dice))
        self.key = dice.randint(0, 2)
        self.answer = None

    def answer_text(self):
        """What the provider says, as bytes."""
        make = event_rows if self.stream else plain
        said = make(self.provider, self.usage)
        if self.kind == "silent":
            said = silent(said)
        return streamed(self.provider, said) if self.stream else json.dumps(said)

    def pricing(self):
        if self.kind == "unpriced":
            return {}
        found = shown(self.rates)
        if self.tier:
            found["context_tiers"] = [{"above_input_tokens": self.tier[0],
                                       **shown(self.tier[1])}]
        return {"pricing": found}

    def endpoints(self):
        good = {"provider": self.provider, "service_id": self.model}
        if self.kind != "fallback":
            return [good]
        return [{"provider": self.provider, "service_id": self.first()}, good]

    def first(self):
        """The endpoint that fails, of a fallback."""
        return f"mock-tools-503-noretryafter-tag{MILLION + self.number}"

    def cost(self, usage):
        """nano-USD, rounded half up once"""
        found = dict(self.rates)
        if self.tier and usage["input"] > self.tier[0]:
            found.update(self.tier[1])
        for missing, of in (("read", "input"), ("write", "input"),
                            ("reasoning", "output")):
            found.setdefault(missing, found[of])
        parts = {**usage, "input": usage["input"] - usage["read"] - usage["write"],
                 "output": usage["output"] - usage["reasoning"]}
        total = sum(parts[bucket] * found[bucket] for bucket in BUCKETS)
        return (2 * total + MILLION) // (2 * MILLION)


def rates(dice):
    """Some buckets have none of their own."""
    found = {bucket: dice.randint(0, 90 * 10**9) for bucket in BUCKETS}
    for bucket in ("read", "write", "reasoning"):
        if dice.random() < 0.3:
            del found[bucket]
    return found


def shown(found):
    """Rates as the configuration has them: USD, with nine decimals."""
    names = {"input": ("input_tokens", "no_cache"), "output": ("output_tokens", "text"),
             "read": ("input_tokens", "cache_read"),
             "write": ("input_tokens", "cache_write"),
             "reasoning": ("output_tokens", "reasoning")}
    text = {"input_tokens": {}, "output_tokens": {}}
    for bucket, rate in found.items():
        side, name = names[bucket]
        text[side][name] = f"@{rate // 10**9}.{rate % 10**9:09d}@"
    return text


def make_calls(dice):
    kinds = [row for row in KINDS for _ in range(row[1])]
    every = list(KINDS) + [dice.choice(kinds) for _ in range(CALLS - len(KINDS))]
    return [Call(number, kind, words, dice)
            for number, (kind, _, words) in enumerate(every, 1)]


def open_world(calls):
    world = World("one", {call.file: call.text for call in calls if call.file})
    models = {name: {} for name in NAMES}
    for call in calls:
        models[call.provider][call.model] = call.pricing()
        if call.kind == "fallback":
            models[call.provider][call.first()] = call.pricing()
    world.configure(
        models, {call.name: {"strategy": "priority", "endpoints": call.endpoints()}
                 for call in calls},
        upstream={"retries": 1, "backoff": {"base_ms": 1, "max_ms": 4},
                  "breaker": {"failures": 0, "error_percent": 0}})
    world.start()
    return world


def play(world, calls):
    keys = [world.sign("--account", name)["key"] for name in ("eng", "ops")] + [None]

    def ask(call):
        rest = {"left": {"leave": 0.1}, "early": {"patience": 0.3}}.get(call.kind, {})
        call.answer = world.talk(call.protocol, call.name, call.stream, 5000,
                                 keys[call.key],
                                 headers={"x-bitrouter-request-id": call.name}, **rest)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(ask, calls))


def ends(world):
    """Lines of the mock provider's log, by the number in the model's name."""
    found = {}
    for line in world.log():
        tag = int(re.search(r"-tag(\d+)$", line["model"]).group(1))
        found.setdefault(tag, []).append(line)
    return found


def reported(call, lines):
    """What the provider has told in a whole answer, or None."""
    if call.kind not in REPORTS:
        return None
    whole = [line for line in lines if line["status"] == 200
             and line["ended"] == "complete"]
    return call.usage if whole else None


def check_row(call, row, lines):
    """One line of the books; returns what it must have cost, or None."""
    what = f"{call.name}, {call.kind}, {call.protocol} to {call.provider}" \
        f"{' streamed' if call.stream else ''}"
    outcome = "failed" if call.kind in FAILS else \
        "cancelled" if call.kind in LEAVES else "ok"
    check(f"{what}: outcome", row["outcome"], outcome)
    usage = reported(call, lines)
    if outcome == "failed":
        check(f"{what}: it costs nothing", row["cost_nusd"], 0)
        check(f"{what}: its client was told",
              not is_whole(call.protocol, call.stream, call.answer))
        return None
    if call.kind == "unpriced":
        check(f"{what}: nobody knows", row["cost_nusd"], None)
        return None
    told = {bucket: row[column] for bucket, column in zip(BUCKETS, COLUMNS)}
    check(f"{what}: cost of its own tokens", row["cost_nusd"], call.cost(told))
    if outcome == "cancelled":
        return None
    check(f"{what}: a whole answer", is_whole(call.protocol, call.stream, call.answer))
    if call.kind == "silent":
        check(f"{what}: an estimate", (row["usage_known"], told["output"] > 0), (0, True))
        return None
    check(f"{what}: known", row["usage_known"], 1)
    check(f"{what}: tokens", told, usage)
    if not call.stream:
        check(f"{what}: the header", call.answer.headers.get("x-bitrouter-cost-nusd"),
              str(row["cost_nusd"]))
    return call.cost(usage) if usage else None


def check_books(world, calls):
    rows = world.wait_rows(len(calls))
    check("a row for each call", sorted(row["request_id"] for row in rows),
          sorted(call.name for call in calls))
    found = {row["request_id"]: row for row in rows}
    until("the mock provider has seen all ends",
          lambda: len(ends(world)) >= len(calls) and all(
              call.number in ends(world) for call in calls))
    lines = ends(world)
    wanted = 0
    for call in calls:
        if call.name in found:
            wanted += check_row(call, found[call.name], lines[call.number]) or 0
    known = sum(row["cost_nusd"] or 0 for row in rows
                if row["usage_known"] and row["outcome"] == "ok")
    check("the sum of all that was reported", known, wanted)
    check_spend(world, rows)
    print(f"{len(rows)} rows; reported {wanted} nano-USD")


def check_spend(world, rows):
    """What the command says of the same rows: estimates are summed apart."""
    said = json.loads(world.run("spend", "--json", "--by", "account").stdout)["rows"]
    sure = sum(row["cost_nusd"] or 0 for row in rows if row["usage_known"])
    guessed = sum(row["cost_nusd"] or 0 for row in rows if not row["usage_known"])
    check("spend: calls", sum(one["calls"] for one in said), len(rows))
    check("spend: reported", sum(one["cost_nusd"] for one in said), sure)
    check("spend: estimated", sum(one["estimated_nusd"] for one in said), guessed)
    check("spend: unknown", sum(one["unknown_calls"] for one in said),
          sum(row["cost_nusd"] is None for row in rows))
    admin = world.admin("ledger")
    check("admin ledger: rows", admin["rows"], len(rows))


# ---- the chain

def copy(world):
    """The ledger in a file of its own, with all that its log holds."""
    path = world.path("copy.db")
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.unlink(path + end)
    source = sqlite3.connect(world.path("home", "bitrouter.db"))
    target = sqlite3.connect(path, isolation_level=None)
    source.backup(target)
    source.close()
    return path, target


def verify(world, path=None):
    args = ["--db", f"sqlite://{path}"] if path else []
    args += ["ledger", "verify"]
    return world.run(*args, ok=False)


def one_byte(value):
    """The same with one byte of it changed."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, int):
        return value ^ 1
    if value == "":
        return "x"
    return chr(ord(value[0]) ^ 1) + value[1:]


def change_byte(world, dice, table, column):
    """Of any row that has something there; where none has, an empty text becomes one."""
    path, target = copy(world)
    place = "place" if table == "attempts" else "0"
    rows = target.execute(f"SELECT seq, {place}, {column} FROM {table} "
                          f"WHERE {column} IS NOT NULL").fetchall()
    seq, at, value = dice.choice([row for row in rows if row[2] not in ("", b"")] or rows)
    changed = target.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ? AND "
                             f"{place} = ?", (one_byte(value), seq, at)).rowcount
    target.close()
    assert changed == 1
    names_row(world, path, f"a byte of {table}.{column} of row {seq}", seq)


def check_chain(world, dice):
    sound = verify(world)
    check("verify", (sound.returncode, sound.stderr), (0, ""))
    older = world.path("home", "ledger.head.wrong")
    shutil.copy(world.path("home", "ledger.head"), older)
    done = verify(world)
    check("a head that is kept aside is named", (done.returncode, older in done.stderr),
          (1, True))
    os.remove(older)
    head, away = world.path("home", "ledger.head"), world.path("home", "away")
    os.rename(head, away)
    check("without a head an end is not trusted", verify(world).returncode, 1)
    os.rename(away, head)
    path, target = copy(world)
    columns = {table: [row[1] for row in target.execute(f"PRAGMA table_info({table})")
                       if row[1] not in ("seq", "place")]
               for table in ("entries", "attempts")}
    last = target.execute("SELECT max(seq) FROM entries").fetchone()[0]
    target.close()
    check("verify of a copy", verify(world, path).returncode, 0)
    for table in ("entries", "attempts"):
        for column in columns[table]:
            change_byte(world, dice, table, column)
    middle = dice.randint(2, last - 2)
    changes = (("a row is gone", "DELETE FROM entries WHERE seq = ?", (middle,), middle),
               ("the last is gone", "DELETE FROM entries WHERE seq = ?", (last,), last),
               ("the last ten are gone", "DELETE FROM entries WHERE seq > ?",
                (last - 10,), last - 9))
    for what, statement, values, seq in changes:
        path, target = copy(world)
        target.execute(statement, values)
        target.close()
        names_row(world, path, what, seq)
    path, target = copy(world)
    for was, is_now in ((middle, -1), (middle + 1, middle), (-1, middle + 1)):
        target.execute("UPDATE entries SET seq = ? WHERE seq = ?", (is_now, was))
    target.close()
    names_row(world, path, "two rows change places", middle)
    path, target = copy(world)
    names = ", ".join(columns["entries"])
    target.execute(f"INSERT INTO entries (seq, {names}) SELECT ?, "
                   f"{names.replace('call_id', 'randomblob(16)', 1)} FROM entries "
                   "WHERE seq = ?", (last + 1, last))
    target.close()
    names_row(world, path, "a row is added", last + 1)


def names_row(world, path, what, seq):
    done = verify(world, path)
    check(f"{what}: verify fails", done.returncode, 1)
    check(f"{what}: it names the row", f"row {seq} of " in done.stderr, True) or \
        print(f"  it says {done.stderr.strip()}")


def main():
    need(BITROUTER, MOCK)
    seed = int(os.environ.get("BR_SEED") or random.randrange(MILLION))
    print(f"BR_SEED={seed}")
    dice = random.Random(seed)
    calls = make_calls(dice)
    with open_world(calls) as world:
        play(world, calls)
        check_books(world, calls)
        check("it ends in order", world.stop(), 0)
        check_chain(world, dice)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
