#!/usr/bin/env bash
# Generates a Python and a TypeScript client from openapi/openapi.json, runs one plan through each against the server at
# REBALANCER_URL and recomputes both plans. Tools: tests/tools.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
request=examples/first_plan.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "Python client"
.venv/bin/openapi-python-client generate --path openapi/openapi.json --meta none --config tests/clients/python/config.yaml \
    --output-path "$work/rebalancer_client" --fail-on-warning
.venv/bin/python tests/clients/python/plan.py "$work" "$REBALANCER_URL" "$request" >"$work/python.json"
python3 examples/verify_plan.py "$request" "$work/python.json"

echo "TypeScript client"
cd tests/clients/typescript
npm run --silent generate
npm run --silent build
node dist/plan.js "$REBALANCER_URL" "../../../$request" >"$work/typescript.json"
cd ../../..
python3 examples/verify_plan.py "$request" "$work/typescript.json"
