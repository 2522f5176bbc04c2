#!/usr/bin/env python3
"""Kills the server at random moments under load and checks that nothing acknowledged is lost.

    tests/crash.py [--rounds 20] [--seed 1] [--binary PATH]

Each round: the server starts on the records of the rounds before, eight clients send plans with idempotency keys, approve some of
them, report fills of others and halt scopes of their own, and after a random time the process gets SIGKILL. Then it starts again and

- every plan that was answered is read back, byte for byte;
- every request that got no answer is sent again with its key and gets one plan, and so does one that did;
- every approval that was answered stands, sent again it changes nothing, and the orders of its plan are the same twice;
- a file of orders that was answered before the kill is the same file after it, and its plan left once;
- every report of fills that was answered is there, one that was not is there whole or not at all, and sent again each fill counts once;
- every halt that was answered is in force, and stops the scope it names;
- the audit trail verifies, and the signed head taken before the kill still lies on it.

With REBALANCER_TEST_DATABASE_URL set (tests/postgres.sh sets it) the records are in a PostgreSQL database of their own,
otherwise in a SQLite file. SIGKILL ends the process, not the machine: after a power loss the data
depend on `synchronous=FULL` and on the disk. Python's standard library only.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 8
PLAN = {
    "portfolio_value": 100000,
    "monte_carlo": {"paths": 200},
    "assets": [
        {"asset": "ETF", "target_weight": 0.6, "current_weight": 0.66, "price": 50.0, "historical_returns": [0.01, -0.01, 0.004] * 8},
        {"asset": "Gold", "target_weight": 0.4, "current_weight": 0.34, "price": 50.0, "historical_returns": [0.0, 0.003, -0.002] * 8},
    ],
}


class Server:
    """The built server on a free port; alive until it is killed or stopped."""

    def __init__(self, binary, environment, drain_ms=0, log=None, until="/api/ready"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [binary], env={**environment, "HOST": "127.0.0.1", "PORT": str(self.port), "REBALANCER_DRAIN_MS": str(drain_ms)},
            stdout=subprocess.DEVNULL, stderr=log or subprocess.PIPE,
        )
        self.log = log or self.process.stderr
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.get(until)[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                # The log of a process that lives has no end.
                self.process.kill()
                raise SystemExit(f"the server did not come back: {self.log.read().decode()[-2000:]}")
            time.sleep(0.02)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def get(self, path):
        connection = self.connect()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.log.close()
        return status


def send(connection, key, body):
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    connection.request("POST", "/api/rebalance", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def post(connection, path, document):
    connection.request("POST", path, json.dumps(document).encode(), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


class Client(threading.Thread):
    """Sends plans one by one, approves every third, reports fills of every third and halts a scope now and then, until the server is gone."""

    def __init__(self, server, name):
        super().__init__(daemon=True)
        self.server, self.label = server, name
        self.answered, self.unanswered, self.faults = {}, {}, []
        self.approved, self.halted = [], []
        self.files = {}
        # By plan: the report, and whether it was answered.
        self.reports = {}

    def run(self):
        connection = self.server.connect()
        for number in range(1_000_000):
            key = f"{self.label}-{number}"
            body = json.dumps({**PLAN, "portfolio_value": 100000 + number, "name": key}).encode()
            self.unanswered[key] = body
            try:
                status, answer = send(connection, key, body)
            except (OSError, http.client.HTTPException):
                return
            if status == 200:
                del self.unanswered[key]
                self.answered[key] = (body, answer)
                plan_id = json.loads(answer)["metadata"]["plan_id"]
                if not self.decide(connection, key, number, plan_id) or (number % 3 == 1 and not self.fill(connection, key, plan_id)):
                    return
            elif status not in (503, 409):
                self.faults.append(f"{key}: {status}: {answer.decode()[:500]}")
                return


    def decide(self, connection, key, number, plan_id):
        """Approves a plan, halts a scope; `False` when the server is gone."""
        scope = f"reference:{key}"
        steps = [(f"/api/plans/{plan_id}/approve", {"comment": key}, self.approved, plan_id)] if number % 3 == 0 else []
        steps += [("/api/controls/halt", {"scope": scope, "reason": key}, self.halted, scope)] if number % 10 == 0 else []
        for path, document, kept, what in steps:
            try:
                status, answer = post(connection, path, document)
            except (OSError, http.client.HTTPException):
                return False
            if status == 200:
                kept.append(what)
            elif status != 503:
                self.faults.append(f"{path}: {status}: {answer.decode()[:500]}")
        return True


    def fill(self, connection, key, plan_id):
        """Lets the orders of a plan leave and reports two fills of the first; `False` when the server is gone."""
        path = f"/api/plans/{plan_id}/fills"
        try:
            connection.request("GET", f"/api/plans/{plan_id}/orders")
            answer = connection.getresponse()
            left = json.loads(answer.read())
            if answer.status != 200:
                return True
            self.files[plan_id] = orders_in(left)
            report = report_of(key, left["orders"][0]["client_order_id"])
            self.reports[plan_id] = (report, False)
            status, told = post(connection, path, report)
        except (OSError, http.client.HTTPException):
            return False
        if status == 200:
            self.reports[plan_id] = (report, True)
        elif status == 503:
            del self.reports[plan_id]
        else:
            self.faults.append(f"{path}: {status}: {told.decode()[:500]}")
        return True


def orders_in(file):
    """What a broker would do with a file of orders."""
    return [(order["client_order_id"], order["side"], order["quantity"]) for order in file["orders"]]


def check_files(server, files, faults):
    """Checks that no order leaves twice: a file that was answered is the same file again, and the plan left once."""
    for plan_id, file in files.items():
        status, again = server.get(f"/api/plans/{plan_id}/orders")
        if status == 503:
            continue  # somebody halted its reference meanwhile
        again = orders_in(json.loads(again))
        steps = [step["state"] for step in json.loads(server.get(f"/api/plans/{plan_id}/state")[1])["steps"]]
        if again != file or steps.count("executing") != 1:
            faults.append(f"the orders of {plan_id} left as {file}, and again as {again} after {steps}")


def report_of(key, order):
    """Two fills of an order, together three quarters of a unit."""
    event = {"client_order_id": order, "executed_at": "2026-01-02T14:31:07Z", "price": 50.01, "fees": 0.1}
    return {"fills": [{"fill_id": f"{key}-a", "quantity": 0.5, **event}, {"fill_id": f"{key}-b", "quantity": 0.25, **event}]}


def check_fills(server, reports, faults):
    """Checks that no fill that was answered is lost, and none counts twice."""
    connection = server.connect()
    for plan_id, (report, was_answered) in reports.items():
        path = f"/api/plans/{plan_id}/fills"
        sent = [event["fill_id"] for event in report["fills"]]
        kept = [event["fill_id"] for event in json.loads(server.get(path)[1])["fills"]]
        if kept != sent and (was_answered or kept):
            faults.append(f"{path}: {sent} were sent, answered: {was_answered}, and {kept} are kept")
        told = [post(connection, path, report) for _ in range(2)]
        if any(status != 200 for status, _ in told):
            faults.append(f"{path}: sent again gives {told}")
            continue
        recorded = [json.loads(answer)["recorded"] for _, answer in told]
        state = json.loads(server.get(path)[1])
        if recorded != [len(sent) - len(kept), 0] or [event["fill_id"] for event in state["fills"]] != sent or float(state["orders"][0]["filled"]) != 0.75:
            faults.append(f"{path}: sent again it recorded {recorded}, and reads {state}")
    connection.close()


def check_decisions(server, approved, halted, faults):
    """Checks that approvals and halts that were answered stand."""
    connection = server.connect()
    for plan_id in approved:
        state = json.loads(server.get(f"/api/plans/{plan_id}/state")[1])
        again = json.loads(post(connection, f"/api/plans/{plan_id}/approve", {"comment": "again"})[1])
        if state.get("state") != "approved" or again.get("steps") != state["steps"]:
            faults.append(f"the approval of {plan_id} was acknowledged, and it is {state}")
    if approved:
        first, second = (json.loads(server.get(f"/api/plans/{approved[0]}/orders")[1])["orders"] for _ in range(2))
        if first != second or not first:
            faults.append(f"two files of {approved[0]} have different orders")
    in_force = {halt["scope"] for halt in json.loads(server.get("/api/controls/halts")[1])["halts"]}
    faults += [f"the halt of {scope} was acknowledged and is not in force" for scope in halted if scope not in in_force]
    if halted:
        body = {**PLAN, "client_reference": halted[0].removeprefix("reference:")}
        status, answer = post(connection, "/api/rebalance", body)
        if status != 503 or json.loads(answer)["type"] != "/problems/halted":
            faults.append(f"{halted[0]} is halted, and a plan of it gives {status}")
    connection.close()


def check(server, answered, unanswered, head, faults):
    """Checks that everything acknowledged is there, a retry is safe, and the trail holds."""
    connection = server.connect()
    plans = {}
    for key, (body, answer) in answered.items():
        plan_id = json.loads(answer)["metadata"]["plan_id"]
        status, stored = server.get(f"/api/plans/{plan_id}?include=all") if len(plans) % 10 else (200, None)
        if stored is not None and (status != 200 or answer not in stored or body not in stored):
            faults.append(f"{key}: plan {plan_id} was acknowledged and reads {status}")
        status, again = send(connection, key, body)
        if (status, again) != (200, answer):
            faults.append(f"{key}: sent again gives {status} and another answer")
        plans[key] = plan_id
    for key, body in unanswered.items():
        first, second = send(connection, key, body), send(connection, key, body)
        if first != second or first[0] != 200:
            faults.append(f"{key}: two sends after the crash give {first[0]} and {second[0]}")
        else:
            plans[key] = json.loads(first[1])["metadata"]["plan_id"]
    if len(set(plans.values())) != len(plans):
        faults.append("two keys share a plan")
    report = json.loads(server.get("/api/audit/verify")[1])
    if not report["valid"] or report["entries"] != report["plans"] + report["control_records"]:
        faults.append(f"the trail does not hold: {report}")
    if head:
        entries = server.get("/api/audit/export")[1].decode().splitlines()
        if len(entries) < head["entries"] or (head["entries"] and json.loads(entries[head["entries"] - 1])["hash"] != head["hash"]):
            faults.append(f"the head of entry {head['entries']} is no longer on the trail")
    connection.close()
    return report["plans"], len(plans)


class Ground:
    """What a kill test needs: its options, its random numbers, and records of its own in a folder or in a new database."""

    def __init__(self, name, description, rounds):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--rounds", type=int, default=rounds)
        parser.add_argument("--seed", type=int, default=None)
        target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
        parser.add_argument("--binary", default=os.environ.get("REBALANCER_BIN", Path(target) / "debug" / "rebalancer"))
        self.options = parser.parse_args()
        self.seed = self.options.seed if self.options.seed is not None else random.randrange(2**32)
        self.chance = random.Random(self.seed)
        self.folder = Path(tempfile.mkdtemp(prefix=f"rebalancer-{name}-"))
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("REBALANCER_") and key not in ("HOST", "PORT", "DATABASE_URL")}
        self.environment["REBALANCER_DATA_DIR"] = str(self.folder)
        postgres = os.environ.get("REBALANCER_TEST_DATABASE_URL")
        self.where = "PostgreSQL" if postgres else "SQLite"
        if postgres:
            database = f"{name}_{os.getpid()}"
            subprocess.run(["psql", postgres, "-qc", f"CREATE DATABASE {database}"], check=True)
            self.environment["DATABASE_URL"] = postgres.rsplit("/", 1)[0] + "/" + database

    def server(self):
        return Server(self.options.binary, self.environment)

    def leave(self, faults):
        shutil.rmtree(self.folder, ignore_errors=True)
        for fault in faults:
            print(fault, file=sys.stderr)


def main():
    ground = Ground("crash", __doc__.splitlines()[0], rounds=20)
    chance, seed = ground.chance, ground.seed
    faults, acknowledged, decisions, filled, expected = [], 0, 0, 0, 0
    started = time.monotonic()
    try:
        for turn in range(ground.options.rounds):
            server = ground.server()
            clients = [Client(server, f"{turn}-{number}") for number in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.02, 0.6))
            head = None
            if chance.random() < 0.5:
                try:
                    head = json.loads(server.get("/api/audit/head")[1])["head"]
                except (OSError, http.client.HTTPException):
                    pass
            time.sleep(chance.uniform(0.0, 0.3))
            server.kill()
            for client in clients:
                client.join(60)
            answered = {key: value for client in clients for key, value in client.answered.items()}
            unanswered = {key: value for client in clients for key, value in client.unanswered.items()}
            faults += [fault for client in clients for fault in client.faults]
            server = ground.server()
            approved = [plan_id for client in clients for plan_id in client.approved]
            halted = [scope for client in clients for scope in client.halted]
            check_decisions(server, approved, halted, faults)
            reports = {plan_id: report for client in clients for plan_id, report in client.reports.items()}
            check_fills(server, reports, faults)
            check_files(server, {plan_id: file for client in clients for plan_id, file in client.files.items()}, faults)
            filled += sum(was_answered for _, was_answered in reports.values())
            decisions += len(approved) + len(halted)
            stored, sent = check(server, answered, unanswered, head, faults)
            expected += sent
            if stored != expected:
                faults.append(f"round {turn}: {stored} plans are stored, {expected} were asked for")
            if server.stop() != 0:
                faults.append(f"round {turn}: SIGTERM did not end in exit code 0")
            acknowledged += len(answered)
            if faults:
                break
    finally:
        ground.leave(faults)
    print(
        f"crash: {ground.where}, {turn + 1} kills, {acknowledged} plans and {decisions} approvals and halts and {filled} reports of fills acknowledged before them, {len(faults)} faults, "
        f"seed {seed}, {time.monotonic() - started:.0f} s"
    )
    return 1 if faults or not acknowledged or not decisions or not filled else 0


if __name__ == "__main__":
    sys.exit(main())
