#!/usr/bin/env bash
# Plans every request in examples/, through the API and through the command line, and recomputes each plan independently.
# Needs REBALANCER_URL (tests/with_server.sh sets it).
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${REBALANCER_BIN:-${CARGO_TARGET_DIR:-target}/debug/rebalancer}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for request in examples/*.json; do
    python3 - "$REBALANCER_URL" "$request" >"$work/api.json" <<'PY'
import sys
import urllib.request

with open(sys.argv[2], "rb") as file:
    request = urllib.request.Request(sys.argv[1] + "/api/rebalance", file.read(), {"Content-Type": "application/json"})
with urllib.request.urlopen(request, timeout=30) as answer:
    sys.stdout.buffer.write(answer.read())
PY
    python3 examples/verify_plan.py "$request" "$work/api.json"
    "$binary" plan "$request" >"$work/cli.json"
    python3 examples/verify_plan.py "$request" "$work/cli.json" >/dev/null
    "$binary" plan - <"$request" | python3 examples/verify_plan.py "$request" - >/dev/null
    python3 - "$work/api.json" "$work/cli.json" <<'PY'
import json
import sys

api, cli = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
api.pop("metadata"), cli.pop("metadata", None)
sys.exit(0 if api == cli else "the command line and the API give different plans")
PY
done
