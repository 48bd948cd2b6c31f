"""What a blocked answer costs: the provider has given it, so that its row, the budget of
who asked and the sums of `spend` have what was used, in every protocol and placement. And
the request that a guardrail refuses costs nothing."""

import json
import sys

from protocols import NAMES
from talk import USAGE, said
from world import BITROUTER, DEEP, MOCK, Tally, World, need, until

RATE = 1000  # USD for a million tokens: nano-USD for one are so many
NUSD = RATE * 1000
MODEL = {"pricing": {"input_tokens": {"no_cache": RATE}, "output_tokens": {"text": RATE}}}
BAD = "canary-shut-5f0c72d1e9"
TEXT = f"Well, there it is: {BAD}. That is all of it."
TIMES = 3  # a breaker of two failures would not let the third one through

tally = Tally()
check = tally.check


def file_of(name, stream):
    return f"{name}.{'sse' if stream else 'json'}"


def open_world(placement):
    world = World(placement, {file_of(name, stream): said(name, stream, TEXT)
                              for name in NAMES for stream in (False, True)})
    #  At once, and so slowly that the provider is still at it when the word comes.
    models = {file: (f"mock-file.{file}", f"mock-file.{file}-gap20")
              for file in (file_of(name, stream) for name in NAMES
                           for stream in (False, True))}
    routes = {f"{word}-{file}": {"strategy": "priority", "endpoints": [
        {"provider": file.split(".")[0], "service_id": model}] * 2}
        for file, pair in models.items() for word, model in zip(("fast", "slow"), pair)}
    canary = {"name": "canary", "regex": "canary-[a-z0-9-]{4,30}", "direction": "both"}
    world.configure({model: MODEL for pair in models.values() for model in pair}, routes,
                    guardrails={"custom_patterns": [canary],
                                "custom_upgoing": {"canary": "block"},
                                "custom_downgoing": {"canary": "block"}},
                    upstream={"retries": 0, "breaker": {"failures": 2}})
    world.start()
    return world


def check_row(what, row, stream):
    told = (row["input_tokens"], row["output_tokens"])
    check(f"{what}: how it ended",
          (row["outcome"], row["error_type"], row["attempts"], row["status"]),
          ("failed", "upstream_guardrail_blocked", 1, 200 if stream else 502))
    if row["usage_known"]:
        check(f"{what}: what the provider told", told, (USAGE["input"], USAGE["output"]))
    check(f"{what}: only what was cut is estimated", bool(row["usage_known"]) or stream)
    check(f"{what}: something was used", told[0] > 0 and told[1] > 0)
    check(f"{what}: its price", (row["cost_nusd"], row["operator_nusd"]),
          (sum(told) * NUSD,) * 2)


def ask_all(world, key):
    """Request ids of what was asked, and whether as a stream."""
    asked = {}
    for name in NAMES:
        for stream in (False, True):
            for word in ("fast", "slow") if stream else ("fast",):
                for number in range(TIMES):
                    call = f"{word}-{name}-{int(stream)}-{number}"
                    answer = world.talk(name, f"{word}-{file_of(name, stream)}", stream, 50,
                                        key["key"],
                                        headers={"x-bitrouter-request-id": call})
                    check(f"{call}: the client's answer", answer.status,
                          200 if stream else 502)
                    check(f"{call}: says why", "guardrail blocked" in answer.body)
                    check(f"{call}: lets nothing through", BAD in answer.body, False)
                    asked[call] = stream
    return asked


def check_budget(world, what, spent):
    def row():
        return (world.admin("budgets") or [{}])[0]
    try:
        until("nothing is held", lambda: not row().get("held"), 10)
    except TimeoutError:
        pass
    check(f"{what}: the budget is settled", (row().get("held_nusd"), row().get("spent_nusd")),
          (0, spent))


def check_spend(world, what, rows):
    told = json.loads(world.run("spend", "--json", "--by", "account").stdout)["rows"]
    check(f"{what}: spend counts calls", sum(one["calls"] for one in told), len(rows))
    check(f"{what}: spend counts money",
          sum(one["cost_nusd"] + one["estimated_nusd"] for one in told),
          sum(row["cost_nusd"] for row in rows))


def check_refused(world, what):
    """By a request's rule: a row, but no attempt, and no price."""
    answer = world.talk("chat", "fast-chat.json", False, 50, text=f"Keep {BAD}!",
                        headers={"x-bitrouter-request-id": "refused"})
    check(f"{what}: a request is refused", answer.status, 400)
    rows = world.wait_rows(1, "request_id = ?", "refused")
    check(f"{what}: its row", [(row["outcome"], row["error_type"], row["attempts"],
                                row["cost_nusd"], row["operator_nusd"]) for row in rows],
          [("failed", "guardrail_blocked", 0, 0, 0)])


def play(placement):
    what = placement
    with open_world(placement) as world:
        key = world.sign("--budget", "90000000000000")
        asked = ask_all(world, key)
        rows = world.wait_rows(len(asked))
        check(f"{what}: one row for each", sorted(row["request_id"] for row in rows),
              sorted(asked))
        for row in rows:
            check_row(f"{what}: {row['request_id']}", row, asked[row["request_id"]])
        check(f"{what}: nobody else was asked", len(world.log()), len(asked))
        known = [row for row in rows if row["usage_known"]]
        check(f"{what}: the books have what the provider bills",
              sum(row["cost_nusd"] for row in known),
              len(known) * (USAGE["input"] + USAGE["output"]) * NUSD)
        print(f"{what}: {len(rows)} calls, {len(rows) - len(known)} of them estimated")
        check_budget(world, what, sum(row["cost_nusd"] for row in rows))
        check_spend(world, what, rows)
        check_refused(world, what)
        check(f"{what}: it ends in order", world.stop(), 0)


def main():
    need(BITROUTER, MOCK)
    for placement in ("one", "processes", "hosts") if DEEP else ("one", "processes"):
        play(placement)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
