#!/usr/bin/env python3
"""How lists, filters, readiness and the start answer with many stored plans: a tool, not a gate.

    tests/growth.py --plans 100000     # REBALANCER_BIN names the binary (default target/debug/rebalancer)

Three plans are made by the service, and rows like the last of them are added to its SQLite file, with bodies cut to a third of a kilobyte and
hashes of chance: enough for times of lists, and no trail that a verification would accept. Python's standard library only.
"""

import argparse
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path

from doors import Service, faults, require
from wire import dump, example

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


def grow(path, number):
    """Adds rows like the newest plan and its entry."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous=OFF")

    def newest(table):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        return dict(zip(columns, database.execute(f"SELECT * FROM {table} ORDER BY sequence DESC LIMIT 1").fetchone()))

    plan, entry, headline = newest("plans"), newest("audit_entries"), newest("plan_headlines")
    last = entry["sequence"]
    for part in ("request", "response", "run"):
        plan[part] = plan[part][:340]
    rows = {"audit_entries": entry, "plans": plan, "plan_headlines": headline}
    inserts = {table: f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})" for table, row in rows.items()}
    with database:
        for at in range(1, number + 1):
            for row in rows.values():
                row["sequence"] = last + at
            entry["plan_id"] = plan["plan_id"] = f"p-{at}"
            entry["hash"] = os.urandom(32)
            for table, row in rows.items():
                database.execute(inserts[table], list(row.values()))
    database.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plans", type=int, default=100_000, metavar="NUMBER")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="rebalancer-growth-"))
    try:
        with Service(root / "data", REBALANCER_CHALLENGERS="0") as service:
            for _ in range(3):
                require("a plan is made", service.ask("POST", "/api/rebalance", body=dump(example("first_plan"))).status == 200)
            few = lists(service)
        grow(root / "data" / "rebalancer.db", options.plans)
        began = time.monotonic()
        with Service(root / "data", REBALANCER_CHALLENGERS="0") as service:
            print(f"start with {options.plans} plans more: {time.monotonic() - began:.2f} s, {(root / 'data' / 'rebalancer.db').stat().st_size >> 20} MiB")
            many = lists(service)
            print(f"{'list':24}{'3 plans':>10}{f'{options.plans} more':>14}")
            for what in FILTERS:
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
            plan = service.ask("POST", "/api/rebalance", body=dump(example("first_plan"))).status
            print(f"amid 12 clients that look for words of none: readiness {ready:.1f} ms, a plan {plan} in {time.monotonic() - began:.2f} s")
            stop.set()
            for client in crowd:
                client.join()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
