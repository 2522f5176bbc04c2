#!/usr/bin/env python3
"""A full disk, a foreign lock and SIGTERM under load, against the built server on SQLite.

    tests/faults.py [--binary PATH]

The full disk is a small tmpfs, which needs root or user namespaces (`unshare -Urm`); without either that part reports that
it was skipped. Python's standard library only.
"""

import argparse
import base64
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from crash import PLAN, ROOT, Client, Server, send

faults = []


def require(what, holds):
    if not holds:
        faults.append(what)


def environment(folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REBALANCER_") and name != "DATABASE_URL"}
    return {**kept, "REBALANCER_DATA_DIR": str(folder)}


def noise():
    """A long description that cannot be compressed much."""
    return base64.b64encode(random.Random(1).randbytes(6750)).decode()


def full_disk(binary, folder):
    """Plans until the disk is full, on which the log is too: refusals are 503, reads and health still answer, and writes recover when there is room."""
    server = Server(binary, environment(folder / "data") | {"REBALANCER_LOG": "info"}, log=open(folder / "log", "w+b"))
    connection = server.connect()
    body = json.dumps({**PLAN, "description": noise()}).encode()
    acknowledged, status = [], 200
    for number in range(2000):
        status, answer = send(connection, f"fill-{number}", body)
        if status != 200:
            break
        acknowledged.append(json.loads(answer)["metadata"]["plan_id"])
    require(f"a full disk answers 503, not {status}", status == 503 and len(acknowledged) > 10)
    for _ in range(5):
        require("it stays 503 while the disk is full", send(connection, "again", body)[0] == 503)
    require("health lives", server.get("/api/health")[0] == 200)
    require("reads live", server.get(f"/api/plans/{acknowledged[-1]}")[0] == 200)
    # What was left of the last block takes a few lines more of the log.
    for _ in range(60):
        require("health lives when no line of the log can be written", server.get("/api/health")[0] == 200)
    (folder / "ballast").unlink()
    status = send(connection, "again", body)[0]
    if status == 503:
        time.sleep(1)
        status = send(connection, "again", body)[0]
    require(f"it heals when there is room, status {status}", status == 200)
    require("it is ready again", server.get("/api/ready")[0] == 200)
    report = json.loads(server.get("/api/audit/verify")[1])
    require(f"nothing acknowledged is lost: {report}", report["valid"] and report["plans"] == len(acknowledged) + 1)
    require("it stops cleanly", server.stop() == 0)
    return len(acknowledged)


def start_on_a_full_disk(binary, folder):
    """A service that ended on a full disk starts again, for reads; erasing makes room, and then it writes."""
    data = folder / "start"
    surroundings = environment(data) | {"REBALANCER_RESERVE_MIB": "1"}
    body = json.dumps({**PLAN, "description": noise()}).encode()
    server = Server(binary, surroundings)
    connection = server.connect()
    plans = []
    while len(plans) < 150 and (answer := send(connection, f"start-{len(plans)}", body))[0] == 200:
        plans.append(json.loads(answer[1])["metadata"]["plan_id"])
    require("room is set aside", (data / "rebalancer.reserve").stat().st_size == 1 << 20)
    require("it stops cleanly", server.stop() == 0)
    with open(folder / "filling", "wb", buffering=0) as filling:
        try:
            while filling.write(bytes(4096)):
                pass
        except OSError:
            pass
    size = (data / "rebalancer.db").stat().st_size
    server = Server(binary, surroundings, until="/api/health")
    require("a full disk can be started on", server.get(f"/api/plans/{plans[-1]}")[0] == 200)
    for _ in range(3):
        require("nothing is written on it", send(server.connect(), "full", body)[0] == 503)
    require("it is not ready", server.get("/api/ready")[0] == 503)
    require("it stops cleanly, full", server.stop() == 0)
    server = Server(binary, surroundings, until="/api/health")
    require("nor after another start, with the room that was given up", send(server.connect(), "full", body)[0] == 503)
    require("it stops cleanly, full again", server.stop() == 0)
    pruned = subprocess.run([binary, "prune", "--before", "2099-01-01"], env=surroundings, capture_output=True, text=True, timeout=60)
    require(f"plans are erased on a full disk: {pruned.stderr}", pruned.returncode == 0 and json.loads(pruned.stdout)["erased"] == len(plans))
    after = (data / "rebalancer.db").stat().st_size
    require(f"the file is smaller: {size} before, {after} after", after < size / 2)
    server = Server(binary, surroundings)
    require("it writes again", send(server.connect(), "again", body)[0] == 200)
    report = json.loads(server.get("/api/audit/verify")[1])
    require(f"the trail holds: {report}", report["valid"] and report["plans"] == 1 and report["entries"] == 2 * len(plans) + 1)
    require("room is set aside again", (data / "rebalancer.reserve").stat().st_size == 1 << 20)
    require("it stops cleanly", server.stop() == 0)


def foreign_lock(binary, folder):
    """Another program holds the write lock for five seconds: only 200 or 503, health in under a second."""
    server = Server(binary, environment(folder))
    send(server.connect(), "before", json.dumps(PLAN).encode())
    other = sqlite3.connect(folder / "rebalancer.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(5, lambda: other.execute("ROLLBACK"))
    release.start()
    statuses, slowest = set(), 0.0
    deadline = time.monotonic() + 7
    number = 0
    while time.monotonic() < deadline:
        number += 1
        begin = time.monotonic()
        statuses.add(send(server.connect(), f"lock-{number}", json.dumps(PLAN).encode())[0])
        slowest = max(slowest, time.monotonic() - begin)
        begin = time.monotonic()
        health = server.get("/api/health")[0]
        require("health in under a second", health == 200 and time.monotonic() - begin < 1)
    release.join()
    other.close()
    require(f"only 200 and 503, both seen: {statuses}", statuses == {200, 503})
    require(f"each answer in time, the slowest took {slowest:.1f} s", slowest < 6)
    require("the trail holds", json.loads(server.get("/api/audit/verify")[1])["valid"])
    require("it stops cleanly", server.stop() == 0)


def sigterm_under_load(binary, folder):
    """Five times: every request sent before the signal is answered, readiness turns to 503 first, the exit code is 0."""
    for turn in range(5):
        server = Server(binary, environment(folder), drain_ms=1000)
        clients = [Client(server, f"term-{turn}-{number}") for number in range(6)]
        for client in clients:
            client.start()
        time.sleep(0.3)
        # All bytes of these requests are sent before the signal.
        waiting = []
        for number in range(10):
            connection = server.connect()
            headers = {"Content-Type": "application/json", "Idempotency-Key": f"sent-{turn}-{number}"}
            connection.request("POST", "/api/rebalance", json.dumps(PLAN).encode(), headers)
            waiting.append(connection)
        server.process.send_signal(signal.SIGTERM)
        for connection in waiting:
            try:
                status = connection.getresponse().status
            except OSError as error:
                status = repr(error)
            require(f"SIGTERM {turn}: a request sent before it got {status}", status == 200)
        status = server.process.wait(30)
        server.process.stderr.close()
        require(f"SIGTERM {turn}: exit code {status}", status == 0)
        for client in clients:
            client.join(30)


def readiness_first(binary, folder):
    """After the signal readiness says 503 while the service still answers."""
    server = Server(binary, environment(folder), drain_ms=1500)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    require("readiness is refused first", server.get("/api/ready")[0] == 503)
    require("health still answers", server.get("/api/health")[0] == 200)
    require("requests still are", send(server.connect(), "late", json.dumps(PLAN).encode())[0] == 200)
    require("it ends with 0", server.process.wait(30) == 0)
    server.process.stderr.close()


# Work whose time grows with its paths.
LONG = {
    "weights": [0.6, 0.4],
    "mu": [0.07, 0.03],
    "sigma": [[0.0256, -0.0019], [-0.0019, 0.0036]],
    "paths": 20_000,
    "horizon_days": 2500,
    "path_statistics": True,
}


def sigterm_during_long_work(binary, folder):
    """A request that outlasts the grace period is still answered, new connections are refused, and the process exits with 0."""
    server = Server(binary, environment(folder), drain_ms=200)
    connection = server.connect()
    headers = {"Content-Type": "application/json"}
    # Some five seconds on whatever machine and build this is: beyond the grace, and far within the 25 s a shutdown waits.
    begun = time.monotonic()
    connection.request("POST", "/api/stress/monte-carlo", json.dumps(LONG).encode(), headers)
    connection.getresponse().read()
    paths = min(400_000, int(LONG["paths"] * 5 / (time.monotonic() - begun)))
    connection.request("POST", "/api/stress/monte-carlo", json.dumps({**LONG, "paths": paths}).encode(), headers)
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    signalled = time.monotonic()
    try:
        response = connection.getresponse()
        status, body = response.status, json.loads(response.read())
    except (OSError, ValueError) as error:
        status, body = repr(error), {}
    took = time.monotonic() - signalled
    require(f"a request at work beyond the grace got {status}", status == 200 and "statistics" in json.dumps(body))
    require(f"it was at work for long enough to show it: {took:.1f} s", took > 0.6)
    require("it ends with 0", server.process.wait(30) == 0)
    server.process.stderr.close()
    try:
        refused = not server.get("/api/health")
    except OSError:
        refused = True
    require("nobody is let in afterwards", refused)


def sigterm_ends_what_takes_longer(binary, folder):
    """Work that outlasts the shutdown is answered 503 with Retry-After before its connection closes, and the process exits with 0."""
    server = Server(binary, {**environment(folder), "REBALANCER_WORKERS": "1"}, drain_ms=200)
    path, headers = "/api/stress/monte-carlo", {"Content-Type": "application/json"}
    connection, begun = server.connect(), time.monotonic()
    connection.request("POST", path, json.dumps(LONG).encode(), headers)
    connection.getresponse().read()
    # The largest simulations there are, one after another on the only worker, for about a minute on whatever machine this is.
    work = json.dumps({**LONG, "paths": 400_000}).encode()
    waiting = []
    for number in range(max(4, min(40, int(3 / (time.monotonic() - begun))))):
        connection = server.connect()
        connection.request("POST", path, work, headers)
        waiting.append((f"late-request-{number}", connection))
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    signalled, statuses = time.monotonic(), []
    for name, connection in waiting:
        try:
            response = connection.getresponse()
            body = json.loads(response.read())
        except (OSError, ValueError) as error:
            require(f"{name} got {error!r} after {time.monotonic() - signalled:.1f} s", False)
            continue
        statuses.append(response.status)
        if response.status == 200:
            continue
        told = [response.headers.get(header) for header in ("Retry-After", "Connection", "X-Request-Id", "Content-Type")]
        expected = ["1", "close", body["metadata"]["request_id"], "application/problem+json"]
        is_told = response.status == 503 and body["type"] == "/problems/not-ready" and told == expected
        require(f"{name} is cut off with {response.status} {body.get('type')} {told}", is_told)
    took = time.monotonic() - signalled
    require(f"some work cannot be finished, after {took:.1f} s: {statuses}", 503 in statuses and 23 < took < 26)
    status = server.process.wait(10)
    require(f"it ends with 0, not {status}", status == 0)
    server.process.stderr.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    parser.add_argument("--binary", default=os.environ.get("REBALANCER_BIN", Path(target) / "debug" / "rebalancer"))
    parser.add_argument("--full-disk-in", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()

    if options.full_disk_in:
        folder = options.full_disk_in
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=True)
        (folder / "ballast").write_bytes(bytes(2 << 20))
        plans = full_disk(options.binary, folder)
        print(f"full disk after {plans} plans")
        subprocess.run(["umount", folder], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
        start_on_a_full_disk(options.binary, folder)
        for fault in faults:
            print(fault, file=sys.stderr)
        return 1 if faults else 0

    with tempfile.TemporaryDirectory(prefix="rebalancer-faults-") as folder:
        foreign_lock(options.binary, Path(folder))
        readiness_first(options.binary, Path(folder))
        sigterm_under_load(options.binary, Path(folder))
        sigterm_during_long_work(options.binary, Path(folder))
        sigterm_ends_what_takes_longer(options.binary, Path(folder))
    with tempfile.TemporaryDirectory(prefix="rebalancer-full-") as folder:
        own_mounts = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
        if subprocess.run([*own_mounts, "true"], capture_output=True).returncode:
            print("full disk: skipped, no mounts of its own can be made here")
        else:
            command = [*own_mounts, sys.executable, __file__, "--binary", str(options.binary), "--full-disk-in", folder]
            require("the full disk", subprocess.run(command).returncode == 0)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"faults: {len(faults)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
