#!/usr/bin/env python3
"""What challengers in shadow add to the time of a request: two services, one with challengers and one without, asked in turns.

    benches/shadow_request.py                 # builds nothing: REBALANCER_BIN or target/release/rebalancer
    benches/shadow_request.py --rounds 4 --requests 20 --challengers 1
    benches/shadow_request.py --rounds 2 --after 65   # requests that meet challengers: plans have come in for over a minute without a pause

Each round asks one service for a block of plans, one right after the other as a busy client does, waits until its challengers have
run, and then asks the other; who is first alternates. The figure is the median over the rounds of the ratio of the blocks' medians. A goal
that is missed makes the exit status 1 with `--goal 1.05`.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def book(assets, days, seed):
    """A book of random walks: 6 assets of a year are a household, 100 a fund."""
    draw = random.Random(seed)
    weights = [1 / assets] * assets
    off = [0.3 / assets * (-1) ** i for i in range(assets)]
    rows = [
        {
            "asset": f"A{i}",
            "target_weight": weights[i],
            "current_weight": weights[i] + off[i],
            "historical_returns": [round(draw.gauss(0.0003, 0.01), 6) for _ in range(days)],
        }
        for i in range(assets)
    ]
    return json.dumps({"portfolio_value": 1000000, "assets": rows}).encode()


def start(binary, challengers):
    folder = tempfile.mkdtemp(prefix="shadow-request-")
    command = [binary, "serve", "--port", "0", "--data-dir", folder, "--challengers", str(challengers)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in server.stdout:
        if "http://" in line:
            address = line.split("http://")[1].split()[0].strip('",/')
            break
    return server, address


def ask(connection, body):
    began = time.perf_counter()
    connection.request("POST", "/api/rebalance", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    took = time.perf_counter() - began
    if answer.status >= 300:
        sys.exit(f"answered with {answer.status}: {text[:300]}")
    return took, json.loads(text)["metadata"]["plan_id"]


def wait_for_challengers(connection, plan, challengers):
    for _ in range(600):
        connection.request("GET", f"/api/plans/{plan}/shadow")
        answer = connection.getresponse()
        runs = json.loads(answer.read()).get("runs", []) if answer.status == 200 else []
        if len(runs) >= challengers or not challengers:
            return
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--challengers", type=int, default=1)
    parser.add_argument("--after", type=float, default=0.0, help="seconds of plans without a pause before each block")
    parser.add_argument("--goal", type=float)
    asked = parser.parse_args()
    binary = os.environ.get("REBALANCER_BIN", str(ROOT / "target/release/rebalancer"))
    servers = {count: start(binary, count) for count in (0, asked.challengers)}
    worst = 0.0
    try:
        print("| book | request, ms | with challengers, ms | ratio |\n| --- | ---: | ---: | ---: |")
        for name, body in [("6 assets, a year", book(6, 250, 1)), ("100 assets, a year", book(100, 250, 2))]:
            ratios, medians = [], {count: [] for count in servers}
            # The service closes a connection that is silent while the other one is asked.
            connect = lambda count: http.client.HTTPConnection(servers[count][1], timeout=60)  # noqa: E731
            for count in servers:
                connection = connect(count)
                for _ in range(3):
                    ask(connection, body)
            for turn in range(asked.rounds):
                block = {}
                for count in sorted(servers, reverse=turn % 2 == 1):
                    connection = connect(count)
                    busy_until = time.perf_counter() + asked.after
                    while time.perf_counter() < busy_until:
                        ask(connection, body)
                    times = [ask(connection, body) for _ in range(asked.requests)]
                    wait_for_challengers(connect(count), times[-1][1], count)
                    block[count] = statistics.median(took for took, _ in times)
                    medians[count].append(block[count])
                ratios.append(block[asked.challengers] / block[0])
            ratio = statistics.median(ratios)
            worst = max(worst, ratio)
            plain, beside = (1000 * statistics.median(medians[count]) for count in (0, asked.challengers))
            print(f"| {name} | {plain:.2f} | {beside:.2f} | {ratio:.3f} |")
    finally:
        for server, _ in servers.values():
            server.terminate()
            server.wait(timeout=30)
    return int(asked.goal is not None and worst > asked.goal)


if __name__ == "__main__":
    sys.exit(main())
