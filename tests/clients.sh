#!/usr/bin/env bash
# Generates a Python and a TypeScript client from openapi/openapi.json, whole and as it is, and drives each against the server at
# REBALANCER_URL: one plan, which is recomputed, and the nightly job of fifty books. Runs the snippets of docs/api.md with the Python
# client. Tools: tests/tools.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
request=examples/first_plan.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A service elsewhere has a key of its own, which REBALANCER_KEY names.
if [ -n "${REBALANCER_SERVER_DATA:-}" ]; then
    binary=${REBALANCER_BIN:-${CARGO_TARGET_DIR:-target}/debug/rebalancer}
    REBALANCER_KEY=$(REBALANCER_DATA_DIR=$REBALANCER_SERVER_DATA "$binary" keys create nightly --scopes read,plan 2>/dev/null)
fi
export REBALANCER_KEY

echo "Python client"
.venv/bin/openapi-python-client generate --path openapi/openapi.json --meta none --config tests/clients/python/config.yaml \
    --output-path "$work/rebalancer_client" --fail-on-warning
.venv/bin/python tests/clients/python/plan.py "$work" "$REBALANCER_URL" "$request" >"$work/python.json"
python3 examples/verify_plan.py "$request" "$work/python.json"
MYPYPATH="$work:examples" .venv/bin/python -m mypy --strict --follow-imports=silent --cache-dir=/dev/null \
    tests/clients/python/nightly.py examples/run_events.py
python3 tests/clients/books.py python >"$work/books.json"
.venv/bin/python tests/clients/python/nightly.py "$work" "$REBALANCER_URL" "$work/books.json"

echo "docs/api.md"
.venv/bin/python tests/api_walkthrough.py "$work" "$REBALANCER_URL"

echo "TypeScript client"
cd tests/clients/typescript
npm run --silent generate
npm run --silent build
node dist/plan.js "$REBALANCER_URL" "../../../$request" >"$work/typescript.json"
python3 ../books.py typescript >"$work/books.json"
node dist/nightly.js "$REBALANCER_URL" "$work/books.json"
cd ../../..
python3 examples/verify_plan.py "$request" "$work/typescript.json"
