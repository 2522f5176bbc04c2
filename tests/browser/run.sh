#!/usr/bin/env bash
# Walks the dashboard in headless Chromium. REBALANCER_URL names a running server with the page in it; CHROMIUM the browser.
#
#   tests/with_server.sh tests/browser/run.sh
set -euo pipefail
cd "$(dirname "$0")"
: "${REBALANCER_URL:?names the running server}"
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || { echo "no Chromium at ${CHROMIUM:-/usr/bin/chromium}: apt-get install chromium, or set CHROMIUM" >&2; exit 1; }
if ! cmp -s package-lock.json node_modules/package-lock.json; then
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/package-lock.json
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
node --test --test-concurrency=1 --test-reporter=spec dashboard.test.mjs book.test.mjs books.test.mjs backtest.test.mjs records.test.mjs governance.test.mjs trees.test.mjs transformer.test.mjs allocator.test.mjs regimes.test.mjs faults.test.mjs sign-in.test.mjs | tee "$log" || status=$?
count() { sed -n "s/^ℹ $1 //p" "$log"; }
printf 'browser: %s passed, %s failed\n' "$(count pass)" "$(count fail)"
exit "$status"
