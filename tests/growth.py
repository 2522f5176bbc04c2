#!/usr/bin/env python3
"""What many stored plans cost: the start, lists and each filter, head, proof, verification, erasing and the disk. A tool, not a gate.

    tests/growth.py --plans 1000             # REBALANCER_BIN names the binary (default target/debug/rebalancer)
    tests/growth.py --plans 100000 --small   # plans of a few bytes, where the number counts and not the size
    tests/growth.py --plans 500 --like household_groups   # plans like one of this book of examples/

Three plans are made by the service, and plans like the last of them, with digests and entries of their own, are added to its SQLite file by the
example `grow_plans` of the crate `store`, beside the binary unless REBALANCER_GROW names it. Python's standard library only.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from doors import BINARY, Service, faults, require
from wire import dump, example

GROW = os.environ.get("REBALANCER_GROW", str(Path(BINARY).parent / "examples" / "grow_plans"))

FILTERS = {
    "newest 50": "limit=50",
    "request of none": "request_id=nothing-like-it",
    "engine of none": "engine_version=0.0.0",
    "reference of none": "client_reference=nothing",
    "state of none": "state=approved",
    "since a time to come": "created_from=2099-01-01T00:00:00Z",
    "before all": "created_before=2000-01-01T00:00:00Z",
    "since the first": "created_from=2000-01-01T00:00:00Z",
    "before a time to come": "created_before=2099-01-01T00:00:00Z",
    "words of none": "query=nothing",
}


def milliseconds(ask, times=5):
    """The fastest of a few, which other work on the machine touches least."""
    fastest = float("inf")
    for _ in range(times):
        began = time.monotonic()
        status = ask()
        fastest = min(fastest, time.monotonic() - began)
        require(f"an answer is {status}", status == 200)
    return fastest * 1000


def lists(service):
    return {what: milliseconds(lambda: service.ask("GET", f"/api/plans?{query}").status) for what, query in FILTERS.items()}  # noqa: B023


def trail(service, plan_id):
    """Times of what is signed and proven, and of a verification of everything."""
    times = {
        "head": milliseconds(lambda: service.ask("GET", "/api/audit/head").status),
        "proof": milliseconds(lambda: service.ask("GET", f"/api/plans/{plan_id}/proof").status),
        "health": milliseconds(lambda: service.ask("GET", "/api/health").status),
        "readiness": milliseconds(lambda: service.ask("GET", "/api/ready").status),
    }
    began = time.monotonic()
    report = service.ask("GET", "/api/audit/verify")
    times["verify"] = (time.monotonic() - began) * 1000
    require(f"the trail is {report.body[:200]}", report.status == 200 and report.json()["valid"])
    return times


def run(*command):
    """Seconds that a command takes, which has to succeed."""
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    require(f"{command[0]} says {done.stderr}", done.returncode == 0)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plans", type=int, default=100_000, metavar="NUMBER")
    parser.add_argument("--small", action="store_true", help="add plans of a few bytes, to a file without others")
    parser.add_argument("--like", default="first_plan", metavar="EXAMPLE", help="the book of the plans (default first_plan)")
    parser.add_argument("--prune", action="store_true", help="erase what was added, which takes long")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="rebalancer-growth-"))
    try:
        with Service(root / "data", REBALANCER_CHALLENGERS="0") as service:
            for _ in range(3):
                require("a plan is made", service.ask("POST", "/api/rebalance", body=dump(example(options.like))).status == 200)
            plan_id = service.ask("GET", "/api/plans?limit=1").json()["items"][0]["plan_id"]
            few = lists(service) | trail(service, plan_id)
        data = root / ("small" if options.small else "data")
        if options.small:
            plan_id = "00000000-0000-4000-8000-000000000000"
        file = data / "rebalancer.db"
        empty = file.stat().st_size if file.exists() else 0
        grown = run(GROW, str(file), str(options.plans))
        print(f"{options.plans} plans added in {grown:.0f} s: {(file.stat().st_size - empty) / options.plans / 1000:.1f} KB of disk each")
        began = time.monotonic()
        with Service(data, REBALANCER_CHALLENGERS="0") as service:
            print(f"start with {options.plans} plans more: {time.monotonic() - began:.2f} s, {file.stat().st_size >> 20} MiB")
            many = lists(service) | trail(service, plan_id)
            print(f"{'':24}{'3 plans':>10}{f'{options.plans} more':>14}")
            for what in many:
                print(f"{what:24}{few[what]:8.1f} ms{many[what]:11.1f} ms")
            stop, busy = threading.Event(), []

            def scan():
                while not stop.is_set():
                    busy.append(service.ask("GET", f"/api/plans?{FILTERS['words of none']}").status)

            crowd = [threading.Thread(target=scan) for _ in range(12)]
            for client in crowd:
                client.start()
            time.sleep(1)
            ready = milliseconds(lambda: service.ask("GET", "/api/ready").status, 12)
            began = time.monotonic()
            plan = service.ask("POST", "/api/rebalance", body=dump(example(options.like))).status
            print(f"amid 12 clients that look for words of none: readiness {ready:.1f} ms, a plan {plan} in {time.monotonic() - began:.2f} s")
            stop.set()
            for client in crowd:
                client.join()
        if options.prune:
            # The plans are a second apart from the first day of 2025 on.
            erased = run(BINARY, "prune", "--data-dir", str(data), "--before", "2025-01-02")
            print(f"prune of {min(options.plans, 86_400)} plans: {erased:.1f} s, then {file.stat().st_size >> 20} MiB")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
