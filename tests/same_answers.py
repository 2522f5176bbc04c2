#!/usr/bin/env python3
"""Two builds of the service give the same answers: a tool for refactorings, not a gate.

    cargo build -p rebalancer                    # of the commit before and of the commit after, in two target folders
    tests/same_answers.py OLD_BINARY NEW_BINARY [--only WORD] [--ignore MEMBER] [--list]

Starts both builds on free loopback ports with data folders of their own, sends both the same requests (listed in
same_answers_cases.py) and compares the answers: status, media type, and the body token by token, so `0.10` differs from `0.1`
and the order of members counts. `metadata` and what names one stored record (plan ids, run ids, links) are left out;
`--ignore` leaves out another member, whose change is known. Every difference is printed as a JSON pointer with both values.
The exit code is 1 when there is a difference, when a server panicked or when one did not stop cleanly. Python's standard
library only.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from same_answers_cases import cases
from wire import call

# Members that differ between two runs of one build: the moment of an answer, and the name of what one server stored.
VOLATILE = {"metadata", "plan_id", "run_id", "links"}
READY_SECONDS = 30
SHOWN_PER_CASE = 10


class Token(str):
    """A number, `true`, `false` or `null` as it is written."""


def parse(body):
    """JSON that keeps what a parser forgets: how a number is written and the order of members."""
    return json.loads(
        body, parse_float=Token, parse_int=Token, parse_constant=Token, object_pairs_hook=lambda pairs: ("object", pairs)
    )


def show(value):
    """A value in a line of output."""
    if isinstance(value, tuple):
        return f"object with {len(value[1])} members"
    if isinstance(value, list):
        return f"list of {len(value)}"
    text = value if isinstance(value, Token) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."


def differences(old, new, pointer=""):
    """Pairs of a JSON pointer and what differs there."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        before, after = dict(old[1]), dict(new[1])
        for name in (*before, *(name for name in after if name not in before)):
            at = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in VOLATILE and name in before and name in after:
                continue
            if name not in after:
                yield at, f"{show(before[name])} became absent"
            elif name not in before:
                yield at, f"absent became {show(after[name])}"
            else:
                yield from differences(before[name], after[name], at)
        if list(before) != list(after) and set(before) == set(after):
            yield pointer, "the same members in another order"
    elif isinstance(old, list) and isinstance(new, list):
        for i, (before, after) in enumerate(zip(old, new)):
            yield from differences(before, after, f"{pointer}/{i}")
        if len(old) != len(new):
            yield pointer, f"{len(old)} entries became {len(new)}"
    elif old != new or type(old) is not type(new):
        yield pointer, f"{show(old)} became {show(new)}"


def text_differences(old, new):
    """The same for a text, line by line."""
    lines = [body.decode("utf-8", "replace").splitlines() for body in (old, new)]
    for i, (before, after) in enumerate(zip(*lines), start=1):
        if before != after:
            # The first place where a long line differs, with a little before it.
            at = max(0, len(os.path.commonprefix([before, after])) - 30)
            yield f"line {i}", f"{before[at : at + 120]!r} became {after[at : at + 120]!r}"
    if len(lines[0]) != len(lines[1]):
        yield "lines", f"{len(lines[0])} became {len(lines[1])}"


def event_differences(old, new):
    """The same for a stream of events: each is a few lines, of which `data` is JSON."""
    before, after = ([line for line in body.decode("utf-8", "replace").splitlines() if line] for body in (old, new))
    for i, (b, a) in enumerate(zip(before, after), start=1):
        if b.startswith("data:") and a.startswith("data:"):
            for pointer, what in differences(parse(b[5:]), parse(a[5:])):
                yield f"line {i} {pointer}", what
        elif b != a:
            yield f"line {i}", f"{b[:120]!r} became {a[:120]!r}"
    if len(before) != len(after):
        yield "lines", f"{len(before)} became {len(after)}"


def media_type(answer):
    return answer.headers.get("content-type", "")


def compare(old, new):
    """What differs between two answers."""
    if old.status != new.status:
        yield "status", f"{old.status} became {new.status}: {new.body[:200]!r}"
        return
    if media_type(old) != media_type(new):
        yield "media type", f"{media_type(old)} became {media_type(new)}"
    if old.body == new.body:
        return
    if "json" in media_type(old) and "json" in media_type(new):
        yield from differences(parse(old.body), parse(new.body))
    elif media_type(old).startswith("text/event-stream"):
        yield from event_differences(old.body, new.body)
    else:
        yield from text_differences(old.body, new.body)


class Server:
    """One build of the service with a data folder of its own."""

    def __init__(self, binary, folder, name):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = probe.getsockname()
        self.name, self.log = name, Path(folder) / f"{name}.log"
        surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("REBALANCER_", "DATABASE_URL"))}
        surroundings |= {"HOST": self.address[0], "PORT": str(self.address[1]), "REBALANCER_DATA_DIR": str(Path(folder) / name)}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([binary], env=surroundings, stdout=log, stderr=subprocess.STDOUT)

    def wait_until_ready(self):
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if call(self.address, "GET", "/api/ready").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"the {self.name} server did not become ready; its log:\n{self.log.read_text(errors='replace')}")

    def stop(self):
        """Ends the server and gives what was wrong with it: an early death, a panic in its log, an exit code."""
        faults = []
        if self.process.poll() is not None:
            faults.append(f"died with {self.process.returncode}")
        else:
            self.process.terminate()
            try:
                if code := self.process.wait(timeout=30):
                    faults.append(f"answered SIGTERM with exit code {code}")
            except subprocess.TimeoutExpired:
                self.process.kill()
                faults.append("did not stop on SIGTERM")
        if "panicked at" in self.log.read_text(errors="replace"):
            faults.append("panicked: " + self.log.read_text(errors="replace")[-2000:])
        return faults


def run(old, new, chosen):
    """Sends every case to both servers and prints what differs; gives the number of cases that differ."""
    differing, groups = 0, {}
    for case in chosen:
        answers = [call(server.address, case.method, case.path, case.body, case.headers) for server in (old, new)]
        found = list(compare(*answers))
        total, bad, answered = groups.get(case.group, (0, 0, 0))
        groups[case.group] = (total + 1, bad + bool(found), answered + (answers[0].status < 300))
        if found:
            differing += 1
            print(f"\n{case.group}: {case.name} ({case.method} {case.path})")
            for pointer, what in found[:SHOWN_PER_CASE]:
                print(f"  {pointer or '(whole answer)'}: {what}")
            if len(found) > SHOWN_PER_CASE:
                print(f"  and {len(found) - SHOWN_PER_CASE} more")
            sys.stdout.flush()
    print(f"\n{'group':<32}{'cases':>7}{'2xx':>7}{'differ':>8}")
    for name, (total, bad, answered) in groups.items():
        print(f"{name:<32}{total:>7}{answered:>7}{bad:>8}")
    return differing


def main():
    parser = argparse.ArgumentParser(description="Compare the answers of two builds of the service.")
    parser.add_argument("old", help="binary of the commit before")
    parser.add_argument("new", help="binary of the commit after")
    parser.add_argument("--only", help="run the cases whose group or name contains this")
    parser.add_argument("--ignore", action="append", default=[], metavar="MEMBER", help="leave out this member too; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the cases and send nothing")
    arguments = parser.parse_args()
    chosen = [case for case in cases() if arguments.only is None or arguments.only in f"{case.group}: {case.name}"]
    if arguments.list:
        for case in chosen:
            print(f"{case.group}: {case.name} ({case.method} {case.path}, {len(case.body)} bytes)")
        return 0
    VOLATILE.update(arguments.ignore)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        servers = []
        try:
            for binary, name in ((arguments.old, "old"), (arguments.new, "new")):
                servers.append(Server(binary, folder, name))
            for server in servers:
                server.wait_until_ready()
            differing = run(*servers, chosen)
        finally:
            faults = [f"the {server.name} server {fault}" for server in servers for fault in server.stop()]
    for fault in faults:
        print(fault)
    print(f"same_answers: {len(chosen)} cases, {differing} differ, {time.monotonic() - started:.0f} s")
    return 1 if differing or faults or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
