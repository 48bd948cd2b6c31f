"""Rules of guardrails that a reload changes: an answer that began under some rules ends
under them, the next one is under the new ones; rules with a mistake change nothing."""

import threading
import time

from protocols import NAMES
from talk import MARK, is_good, redacted, said
from world import World, together, until

WORD = "canary-0123456789"
PATTERN = "canary-[0-9]{10}"
TEXT = f"It is {WORD}, as told. " * 12
GAP_MS = 25
MODEL = {"pricing": {"input_tokens": {"no_cache": 1}, "output_tokens": {"text": 1}}}


def rules(action, pattern=PATTERN):
    return {"custom_patterns": [{"name": "canary", "regex": pattern,
                                 "direction": "downgoing", "action": action}]}


def model_of(name, stream):
    return f"mock-file.{name}.{'sse' if stream else 'json'}-gap{GAP_MS}"


def configure(world, guardrails):
    models = {model_of(name, stream): MODEL for name in NAMES for stream in (False, True)}
    routes = {f"{name}-{stream}": {"strategy": "priority", "endpoints": [
        {"provider": name, "service_id": model_of(name, stream)}]}
        for name in NAMES for stream in (False, True)}
    world.configure(models, routes, guardrails=guardrails)


def begin_streams(world):
    """One answer of each protocol under way; their texts come when all are joined. A
    machine that stops for longer than a stream takes begins them again."""
    for _ in range(5):
        answers = {}

        def run(name, answers=answers):
            answers[name] = world.talk(name, f"{name}-True", True, 100)
        threads = [threading.Thread(target=run, args=(name,), daemon=True)
                   for name in NAMES]
        open_before = len(world.log())
        for thread in threads:
            thread.start()
        until("streams are under way, or over",
              lambda: answers or world.admin("calls")["open_calls"] >= len(NAMES))
        time.sleep(GAP_MS * 10 / 1000)  # some of their words have come
        if len(world.log()) == open_before:
            return threads, answers
        for thread in threads:
            thread.join()
    raise RuntimeError("streams end before they are all under way")


def are_under(world, stream, wanted):
    """Names of protocols whose answers are not as wanted."""
    def ask(number):
        name = NAMES[number]
        answer = world.talk(name, f"{name}-{stream}", stream, 100)
        return None if is_good(name, stream, answer, wanted) else name
    return [name for name in together(len(NAMES), ask) if name]


def change(world, tally, what, guardrails, before, after):
    """Under way: before. From then on: after."""
    threads, answers = begin_streams(world)
    configure(world, guardrails)
    done = world.run("reload", ok=False)
    tally.check(f"{what}: the reload is taken", (done.returncode, done.stderr), (0, ""))
    tally.check(f"{what}: what comes next is under the new rules",
                are_under(world, False, after), [])
    tally.check(f"{what}: all of it while others were under way", len(answers), 0)
    for thread in threads:
        thread.join()
    for name in NAMES:
        tally.check(f"{what}: {name}, what was under way keeps its rules",
                    is_good(name, True, answers[name], before))
    tally.check(f"{what}: new streams are under the new ones",
                are_under(world, True, after), [])


def refuse(world, tally, what, wanted):
    """A regular expression that is none: nothing changes, and its place is told."""
    threads, answers = begin_streams(world)
    good = world.conf
    configure(world, rules("block", "canary-(["))
    lines = world.text("home", "bitrouter.yaml").splitlines()
    line = next(i for i, text in enumerate(lines, 1) if "canary-([" in text)
    column = lines[line - 1].index('"canary-([') + 1
    done = world.run("reload", ok=False)
    tally.check(f"{what}: a broken pattern is refused", done.returncode, 1)
    tally.check(f"{what}: with its place, {done.stderr}",
                f"bitrouter.yaml:{line}:{column}:" in done.stderr)
    for thread in threads:
        thread.join()
    for name in NAMES:
        tally.check(f"{what}: {name}, what was under way goes on",
                    is_good(name, True, answers[name], wanted))
    tally.check(f"{what}: and nothing changes",
                are_under(world, False, wanted) + are_under(world, True, wanted), [])
    world.write(good)


def play_reload(placement, tally):
    what = f"{placement}, reload"
    clean = redacted(TEXT, PATTERN)
    assert MARK in clean
    files = {f"{name}.{'sse' if stream else 'json'}": said(name, stream, TEXT)
             for name in NAMES for stream in (False, True)}
    with World(placement, files) as world:
        configure(world, rules("redact"))
        world.start()
        refuse(world, tally, what, clean)
        change(world, tally, f"{what} to warn", rules("warn"), clean, TEXT)
        change(world, tally, f"{what} to redact", rules("redact"), TEXT, clean)
        change(world, tally, f"{what} of the pattern",
               rules("redact", "nothing-[0-9]{3}"), clean, TEXT)
        tally.check(f"{what}: it ends in order", world.stop(), 0)
