#!/usr/bin/env python3
"""Kills the server at random moments while it processes runs and checks that each run is completed, one plan per item.

    tests/runs.py [--rounds 6] [--seed 1] [--binary PATH]

Each round: the server starts on the records of the rounds before, clients send runs with idempotency keys, and after a random
time the process gets SIGKILL. Then it starts again and

- every run that was accepted, even without an answer, is completed;
- every portfolio of it has one plan, which can be read, and there are no other plans;
- every simulation has its answer, and the event ids of the run go from 1 to the end without a gap;
- a cancelled run stays cancelled, and the audit trail verifies.

The last round sends SIGTERM during a run instead: the exit code must be 0, and nothing may be lost. Then the trainings of a
transformer and of an allocator are killed twice each: they go on from where they were, and in the end they have the bytes of ones that were not killed. Records are where
`tests/crash.py` has them: SQLite, or PostgreSQL under tests/postgres.sh. Python's standard library only.
"""

import datetime
import http.client
import json
import random
import sys
import threading
import time

from crash import PLAN, Ground, Server

CLIENTS = 3
SIMULATION = {"weights": [1.0], "mu": [0.07], "sigma": [[0.0225]], "paths": 2000, "horizon_days": 60, "path_statistics": True}


def call(server, method, path, body=None, key=None):
    connection = server.connect()
    headers = {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Client(threading.Thread):
    """Sends runs one by one until the server is gone; cancels some."""

    def __init__(self, server, label, seed):
        super().__init__(daemon=True)
        self.server, self.label, self.chance = server, label, random.Random(seed)
        self.sent, self.accepted, self.cancelled, self.faults = {}, {}, set(), []

    def run(self):
        for number in range(1_000_000):
            key = f"{self.label}-{number}"
            portfolios = [{**PLAN, "name": f"{key}-{i}"} for i in range(self.chance.randrange(1, 12))]
            simulations = [{**SIMULATION, "seed": i} for i in range(self.chance.randrange(0, 3))]
            body = json.dumps({"portfolios": portfolios, "simulations": simulations}).encode()
            self.sent[key] = body
            try:
                status, answer = call(self.server, "POST", "/api/runs", body, key)
                if status == 202:
                    self.accepted[key] = answer
                    if self.chance.random() < 0.1:
                        run_id = json.loads(answer)["run_id"]
                        status, state = call(self.server, "DELETE", f"/api/runs/{run_id}")
                        # A run that had already ended is not cancelled.
                        if status == 200 and json.loads(state)["status"] == "cancelled":
                            self.cancelled.add(key)
                elif status == 503:
                    # The run was not accepted, and its key is still unused.
                    del self.sent[key]
                    time.sleep(0.05)
                elif status != 409:
                    self.faults.append(f"{key}: {status}: {answer.decode()[:500]}")
                    return
            except (OSError, http.client.HTTPException):
                return


def check(server, clients, faults):
    """Checks that every run is completed and every item has one result. Returns the plans of these runs."""
    plans, runs = [], {}
    for client in clients:
        faults += client.faults
        for key, body in client.sent.items():
            status, answer = call(server, "POST", "/api/runs", body, key)
            while status == 503:
                time.sleep(0.1)
                status, answer = call(server, "POST", "/api/runs", body, key)
            if status != 202 or client.accepted.get(key, answer) != answer:
                faults.append(f"{key}: sent again gives {status} and another answer")
                continue
            runs[key] = (json.loads(answer)["run_id"], body, key in client.cancelled)
    for key, (run_id, body, was_cancelled) in runs.items():
        # The events end with the run.
        status, events = call(server, "GET", f"/api/runs/{run_id}/events")
        ids = [int(line[4:]) for line in events.decode().splitlines() if line.startswith("id: ")]
        run = json.loads(call(server, "GET", f"/api/runs/{run_id}")[1])
        ended = run["progress"]["finished"]
        names = [line[7:] for line in events.decode().splitlines() if line.startswith("event: ")]
        if status != 200 or ids != list(range(1, len(ids) + 1)) or names.count("item") != ended or names[-1:] != ["done"]:
            faults.append(f"{key}: events {status} with ids {ids} and names {names} of {ended} items")
        if call(server, "GET", f"/api/runs/{run_id}/events")[1] != events:
            faults.append(f"{key}: its events read again are others")
        if run["metadata"]["finished_at"] is None or run["status"] not in ("finished", "cancelled"):
            faults.append(f"{key}: it did not come to its end: {run['status']}")
        if was_cancelled and run["status"] != "cancelled":
            faults.append(f"{key}: it was cancelled and is {run['status']}")
        for item in run["items"]:
            if item["status"] == "finished":
                if item["kind"] == "portfolio":
                    plans.append(item["plan_id"])
                    sent = json.dumps(json.loads(body)["portfolios"][item["index"]]).encode()
                    if len(plans) % 5 == 0:
                        status, plan = call(server, "GET", f"/api/plans/{item['plan_id']}?include=all")
                        if status != 200 or sent not in plan:
                            faults.append(f"{key}: plan of item {item['index']} reads {status}")
                elif "result" not in item:
                    faults.append(f"{key}: simulation {item['index']} has no answer")
            elif run["status"] == "finished" or item["status"] != "cancelled":
                faults.append(f"{key}: item {item['index']} is {item['status']} in a run that is {run['status']}")
    if len(set(plans)) != len(plans):
        faults.append("two items share a plan")
    return len(plans), len(runs)


def training(seed):
    """A training of some seconds, on returns that are rough on Mondays."""
    day, dates = datetime.date(2019, 1, 7), []
    while len(dates) < 640:
        if day.weekday() < 5:
            dates.append(day)
        day += datetime.timedelta(days=1)
    chance = random.Random(seed)
    rough = [0.03 if day.weekday() == 0 else 0.005 for day in dates]
    assets = [{"asset": name, "historical_returns": [round(chance.gauss(0, s), 6) for s in rough]} for name in ("A", "B")]
    dates = [day.isoformat() for day in dates]
    settings = {"lookback_days": 5, "width": 16, "steps": 600, "learning_rate": 0.01, "refits": 2, "refit_days": 126}
    body = {"assets": assets, "start_date": dates[0], "end_date": dates[-1], "horizon_days": 3, "transformer": {"dates": dates, **settings}}
    return json.dumps(body).encode()


def learning(seed):
    """The training of an allocator of some seconds, on noise."""
    chance = random.Random(seed)
    assets = [{"asset": name, "historical_returns": [round(chance.gauss(0.0003, 0.01), 6) for _ in range(800)]} for name in ("A", "B", "C")]
    settings = {"seeds": 2, "steps": 20_480, "held_out_days": 252}
    return json.dumps({"assets": assets, "start_date": "2019-01-07", "end_date": "2022-01-28", "allocator": settings}).encode()


def queued(server, body):
    connection = server.connect()
    try:
        connection.request("POST", "/api/models/train", body, {"Content-Type": "application/json", "Prefer": "respond-async"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def watch(server, run_id, until):
    """The item of a run once its share is `until`, or it has ended; and the first share that was seen."""
    first = None
    while True:
        item = json.loads(call(server, "GET", f"/api/runs/{run_id}")[1])["items"][0]
        share = item.get("share_done") or 0
        first = first or share
        if item["status"] not in ("queued", "running") or (until is not None and share >= until):
            return item, first
        time.sleep(0.01)


def train_through_kills(ground, faults, body, name):
    """Kills a training twice. Returns the shares at which it was killed and went on."""
    told = []
    server = ground.server()
    status, answer = queued(server, body)
    if status == 400 and "feature `transformer`" in json.dumps(answer):
        server.stop()
        return "a build without transformers"
    run_id, went_on = answer["run_id"], []
    for until in (0.3, 0.65):
        killed, _ = watch(server, run_id, until)
        server.kill()
        server = ground.server()
        _, on = watch(server, run_id, 1e-9)
        told.append(f"{killed.get('share_done', 1):.0%} to {on:.0%}")
        went_on.append(on)
    # A transformer hands out a state every fifth look of forty, an allocator after each of twenty iterations, and it is stored beside the
    # training: on a busy machine the first may still be on its way at the first kill. One that begins anew is seen at its first look.
    if max(went_on) < 0.1:
        faults.append(f"the training of {name} did not go on after its kills: {told}")
    made, _ = watch(server, run_id, None)
    server.stop()
    folder = ground.folder / f"another {name}"
    environment = {key: value for key, value in ground.environment.items() if key != "DATABASE_URL"}
    server = Server(ground.options.binary, {**environment, "REBALANCER_DATA_DIR": str(folder)})
    whole, _ = watch(server, queued(server, body)[1]["run_id"], None)
    server.stop()
    digests = [item.get("training", {}).get("model", {}).get("digest") for item in (made, whole)]
    if digests[0] is None or digests[0] != digests[1]:
        faults.append(f"a training of {name} that was killed made {digests[0]}, and one that was not {digests[1]}: {made.get('problem')}")
    return ", ".join(told)


def main():
    ground = Ground("runs", __doc__.splitlines()[0], rounds=6)
    chance, seed = ground.chance, ground.seed
    faults, expected, runs, open_at_kill = [], 0, 0, 0
    started = time.monotonic()
    try:
        for turn in range(ground.options.rounds):
            server = ground.server()
            clients = [Client(server, f"{turn}-{number}", chance.random()) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.1, 1.0))
            if turn == ground.options.rounds - 1:
                if server.stop() != 0:
                    faults.append("SIGTERM amid a run did not end in exit code 0")
            else:
                server.kill()
            for client in clients:
                client.join(60)
            server = ground.server()
            for client in clients:
                for answer in client.accepted.values():
                    run = json.loads(server.get(f"/api/runs/{json.loads(answer)['run_id']}")[1])
                    open_at_kill += run["status"] in ("queued", "running")
            plans, checked = check(server, clients, faults)
            expected, runs = expected + plans, runs + checked
            report = json.loads(server.get("/api/audit/verify")[1])
            if not report["valid"] or report["plans"] != expected or report["entries"] != expected:
                faults.append(f"round {turn}: {expected} items made plans, the trail says {report}")
            if server.stop() != 0:
                faults.append(f"round {turn}: SIGTERM did not end in exit code 0")
            if faults:
                break
        trained = train_through_kills(ground, faults, training(seed), "a transformer")
        learned = train_through_kills(ground, faults, learning(seed), "an allocator")
    finally:
        ground.leave(faults)
    print(
        f"runs: {ground.where}, {turn + 1} ends of the process, {runs} runs with {expected} plans, {open_at_kill} of them open when it "
        f"came back, trainings killed at and going on from {trained}, and {learned}, {len(faults)} faults, seed {seed}, {time.monotonic() - started:.0f} s"
    )
    return 1 if faults or not open_at_kill else 0


if __name__ == "__main__":
    sys.exit(main())
