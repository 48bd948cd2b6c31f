"""Kills of the ledger's own database, PostgreSQL or MariaDB, in the middle of a load: no call
fails for it, and once it is back every row is there, in a chain without a gap, as clients
have recorded their calls. Also with a database that forgets the commits of its last second."""

import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from crashes import CALL_NUSD, Load, open_world
from protocols import NAMES
from world import BITROUTER, MOCK, SOURCE, Tally, need, until

SECONDS = int(os.environ.get("BR_SECONDS") or 80)  # of load, all databases together
DATABASES = {"postgres": ("postgres", "libpq."), "mysql": ("mariadbd", "libmariadb.")}
COLUMNS = "seq, request_id, outcome, cost_nusd"

tally = Tally()
check = tally.check


class Database:
    """A server of our own; is_lossy: it tells of a commit before that is safe"""

    def __init__(self, name, is_lossy):
        self.name = name
        self.folder = tempfile.mkdtemp(prefix="br-money.")
        os.chmod(self.folder, 0o755)
        env = {"PATH": os.environ["PATH"], "work": self.folder,
               "is_lossy": "yes" if is_lossy else ""}
        self.helper = subprocess.Popen([os.path.join(SOURCE, "tests/ledger/server")],
                                       env=env, text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)
        self._do("start")
        self.url = self._ask(f"url {name}")

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.helper.stdin.close()
        self.helper.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ask(self, line):
        self.helper.stdin.write(line + "\n")
        self.helper.stdin.flush()
        return self.helper.stdout.readline().strip()

    def _do(self, what):
        if self._ask(f"{what} {self.name}") != "ok":
            raise RuntimeError(f"{self.name} does not {what}")

    def kill(self):
        self._do("kill")

    def serve(self):
        self._do("serve")

    def count(self):
        return int(self._ask(f"query {self.name} SELECT COUNT(*) FROM bitrouter_entries")
                   or 0)

    def rows(self):
        """As (seq, request id, outcome, cost); a row that is lost gives way."""
        text = self._ask(f"query {self.name} SELECT {COLUMNS} FROM bitrouter_entries "
                         "ORDER BY seq")
        found = [line.split("|") for line in text.split()]
        return [(int(seq), call, outcome, int(cost) if cost.isdigit() else None)
                for seq, call, outcome, cost in found]


def torment(database, dice, seconds):
    """Kills until the time is up; how many rows were gone after each."""
    end = time.monotonic() + seconds
    forgotten = []
    while time.monotonic() < end:
        time.sleep(dice.uniform(0.3, 1.7))
        before = database.count()
        database.kill()
        time.sleep(dice.choice((0, 0.1, 1.5)))
        database.serve()
        forgotten.append(max(0, before - database.count()))
    return forgotten


def is_copied(world, calls):
    whole = sum(is_whole for _, is_whole in calls.values())
    replica = (world.admin("ledger") or {}).get("replica") or {}
    return replica.get("behind") == 0 and not replica.get("error") \
        and len(world.rows()) >= whole


def wait_copied(what, world, calls):
    try:
        until("all is copied", lambda: is_copied(world, calls), 60)
    except TimeoutError:
        check(f"{what}: all is copied", world.admin("ledger"), "copied")


def judge(what, world, calls, rows):
    whole = {call for call, (_, is_whole) in calls.items() if is_whole}
    found = {}
    for _, call, outcome, cost in rows:
        found.setdefault(call, []).append((outcome, cost))
    check(f"{what}: calls were served", len(whole) > 50)
    check(f"{what}: no call fails for it",
          [answer.cut or answer.status for answer, is_whole in calls.values()
           if not is_whole][:5], [])
    check(f"{what}: each whole answer has its row, once",
          [(call, found.get(call)) for call in whole
           if found.get(call) != [("ok", CALL_NUSD)]][:5], [])
    check(f"{what}: no rows of calls that nobody made",
          [call for call in found if call not in calls][:5], [])
    own = [tuple(row[name] for name in COLUMNS.split(", ")) for row in world.rows()]
    check(f"{what}: its rows are those of the spool", rows == own)
    check(f"{what}: without a gap", [row[0] for row in rows],
          list(range(1, len(rows) + 1)))


def play(name, is_lossy, seconds, dice):
    what = f"{name}{', lossy' if is_lossy else ''}"
    with Database(name, is_lossy) as database, \
            open_world("one", "--db", database.url) as world:
        world.ledger = "ledger-spool.db"
        load = Load(world, dice, [None])
        forgotten = torment(database, dice, seconds)
        load.stop()
        wait_copied(what, world, load.calls)
        #  Once more while nothing is written: nobody sees that it was away.
        before = database.count()
        database.kill()
        database.serve()
        forgotten.append(before - database.count())
        quiet = Load(world, dice, [None])
        time.sleep(1)
        quiet.stop()
        calls = {**load.calls, **quiet.calls}
        wait_copied(what, world, calls)
        rows = database.rows()
        print(f"{what}: {len(calls)} calls, {len(forgotten)} kills of the database, "
              f"{len(rows)} rows; it had forgotten {forgotten} of them", flush=True)
        judge(what, world, calls, rows)
        check(f"{what}: it ends in order", world.stop(), 0)
        for args in (["--db", database.url],
                     ["--db", f"sqlite://{world.path('home', world.ledger)}"]):
            done = world.run(*args, "ledger", "verify", ok=False)
            check(f"{what}: verify", (done.returncode, done.stderr), (0, ""))


def main():
    need(BITROUTER, MOCK)
    seed = int(os.environ.get("BR_SEED") or random.randrange(1000000))
    print(f"BR_SEED={seed}")
    dice = random.Random(seed)
    only = os.environ.get("BR_ONLY", "")
    played = False
    linked = subprocess.run(["ldd", BITROUTER], capture_output=True, text=True).stdout
    for name, (server, library) in DATABASES.items():
        path = os.pathsep.join([os.environ["PATH"], "/usr/sbin",
                                *glob.glob("/usr/lib/postgresql/*/bin")])
        if library not in linked or not shutil.which(server, path=path):
            print(f"no {server}, or bitrouter was built without {library[:-1]}: no "
                  f"outages of {name}")
            continue
        for is_lossy in (False, True):
            if only in ("", name):
                play(name, is_lossy, SECONDS / 4, dice)
                played = True
    if not played:
        sys.exit(77)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
