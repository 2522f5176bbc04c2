#!/usr/bin/env python3
"""Runs the commands of docs/governance.md in their order, as one shell script, against a server, and looks at where they lead.

    tests/with_server.sh python3 tests/governance_walkthrough.py

REBALANCER_BIN names the binary and REBALANCER_SERVER_DATA the data folder of the server. `examples/execution_day.py` promotes a model and
is a gate of its own. Needs bash, curl and jq.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "governance.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(server, path):
    with urllib.request.urlopen(server + path, timeout=30) as answer:
        return json.loads(answer.read())


def main(server, data):
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    blocks = [block.replace("http://127.0.0.1:5000", server) for block in blocks if "execution_day" not in block]
    binary = Path(os.environ.get("REBALANCER_BIN", ROOT / "target/debug/rebalancer")).resolve()
    head = f'set -euo pipefail\nrebalancer() {{ REBALANCER_DATA_DIR="{data}" "{binary}" "$@"; }}\n'
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        script = head + "\n".join(blocks) + '\necho "$PLAN" > plan_id\n'
        ran = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, timeout=120)
        if ran.returncode != 0:
            sys.exit(f"{PAGE}: a command failed\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}")
        plan = (Path(folder) / "plan_id").read_text().strip()
        execution = json.loads((Path(folder) / "execution.json").read_text())
        page = (Path(folder) / "execution.html").read_text()
    state = read(server, f"/api/plans/{plan}/state")
    steps = [step["state"] for step in state["steps"]]
    fills = [fill["fill_id"] for fill in read(server, f"/api/plans/{plan}/fills")["fills"]]
    kinds = [entry["kind"] for entry in read(server, "/api/audit?limit=200")["items"]]
    found = {
        "the plan went the whole way": steps == ["approved", "executing", "done"],
        "the broker's two reports are kept once": fills == ["X-1001", "X-1002"],
        "the execution is measured against the prices that were reported": execution["orders"][0]["arrival_price"] == 59.08,
        "the next book is there": execution["next"] is not None and str(execution["next"]["cash"]) != "",
        "the page was written": page.startswith("<!DOCTYPE html>"),
        "the next plan was made": kinds.count("plan_created") >= 2,
        "the export before the approval was refused, and is in the trail": "export_refused" in kinds,
        "halts were set and lifted": "halted" in kinds and read(server, "/api/controls/halts")["halts"] == [],
        "the portfolio had a policy of its own, which was withdrawn": kinds.count("policy_saved") >= 2 and "policy_withdrawn" in kinds,
        "two keys were made": kinds.count("key_created") == 2,
        "the trail verifies": read(server, "/api/audit/verify")["valid"] is True,
    }
    faults = [what for what, holds in found.items() if not holds]
    if faults:
        sys.exit(f"{PAGE}: not so: {'; '.join(faults)}\nsteps {steps}, fills {fills}, entries {kinds}\n{ran.stdout[-3000:]}\n{ran.stderr[-500:]}")
    print(f"{len(blocks)} blocks of commands ran, and led where the page says: {len(found)} things looked at")


if __name__ == "__main__":
    main(os.environ["REBALANCER_URL"], os.environ["REBALANCER_SERVER_DATA"])
