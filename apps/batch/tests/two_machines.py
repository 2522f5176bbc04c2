#!/usr/bin/env python3
"""Plans one night on an S3 store from two processes, and on a disk from one, and compares the two.

    apps/batch/tests/two_machines.py BINARY [--accounts 5000] [--shards 8] [--endpoint URL]

Without an endpoint the store is `store_on_loopback.py`; with one it is any that speaks S3, such as `moto_server -p 5555`. Both processes are
told to plan every shard, so that they work on the same shards at the same time; one of them is killed on the way and started again. Checked:
the hash of the decisions and the totals of the house are those of the one process on the disk, and `finish` has counted every account once."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import store_on_loopback

ROOT = Path(__file__).resolve().parents[3]
NOW = "2026-11-30T20:00:00Z"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--endpoint")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(args, folder, args.endpoint or store_on_loopback.start())


def compare(args, folder, endpoint):
    env = {**os.environ, "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
           "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    request = urllib.request.Request(f"{endpoint}/night", method="PUT", headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/x/us-east-1/s3/aws4_request"})
    urllib.request.urlopen(request).close()

    def batch(*words):
        done = subprocess.run([args.binary, *words], env=env, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    reports = {}
    for name, place in [("disk", folder), ("store", "s3://night")]:
        source, run = f"{place}/input", f"{place}/run"
        if name == "disk":
            Path(source).mkdir()
            Path(run).mkdir()
        batch("generate", "--to", source, "--data", str(ROOT / "data"), "--accounts", str(args.accounts), "--shards", str(args.shards))
        batch("plan", "--input", source, "--run", run, "--now", NOW)
        if name == "disk":
            batch("run", "--run", run)
        else:
            command = [args.binary, "run", "--run", run]
            machines = [subprocess.Popen([*command, "--attempt", f"machine-{i}"], env=env, stdout=subprocess.PIPE, text=True) for i in range(2)]
            time.sleep(0.5)
            machines[0].send_signal(signal.SIGKILL)
            machines[0].wait()
            machines[0] = subprocess.Popen([*command, "--attempt", "machine-0-again"], env=env, stdout=subprocess.PIPE, text=True)
            ended = [machine.communicate()[0] for machine in machines]
            assert all(machine.returncode == 0 for machine in machines), [machine.returncode for machine in machines]
            now = [line for text in ended for line in text.splitlines() if json.loads(line)["committed"] == "now"]
            print(f"two processes, one of them killed: {len(now)} of {args.shards} shards were committed by the ones that came to their end")
        reports[name] = json.loads(batch("finish", "--run", run))
        status = json.loads(batch("status", "--run", run))
        assert status["is_exported"] and status["committed"] == args.shards, status
    disk, store = reports["disk"], reports["store"]
    for member in ("accounts", "distinct_accounts", "orders", "refusals", "decisions", "totals"):
        assert disk[member] == store[member], f"{member}: {disk[member]} on the disk, {store[member]} in the store"
    assert disk["accounts"] == disk["distinct_accounts"] == args.accounts
    print(f"{args.accounts} accounts, {disk['orders']} orders, decisions {disk['decisions']}: the same on the disk and in the store")


if __name__ == "__main__":
    main()
