#!/usr/bin/env bash
# Starts the built server on a free loopback port, runs a command with its address in REBALANCER_URL, stops the server.
#
#   tests/with_server.sh COMMAND [ARGUMENT...]
#
# REBALANCER_BIN names the binary (default target/debug/rebalancer). The server must become ready within 30 s, must still
# run when the command is done, and must stop cleanly on SIGTERM.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${REBALANCER_BIN:-${CARGO_TARGET_DIR:-target}/debug/rebalancer}
[ -x "$binary" ] || { echo "no server at $binary: cargo build --workspace --bins" >&2; exit 1; }

log=$(mktemp)
data=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
REBALANCER_DATA_DIR=$data HOST=127.0.0.1 PORT=$port "$binary" >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$log" "$data"' EXIT
export REBALANCER_URL="http://127.0.0.1:$port" REBALANCER_SERVER_DATA=$data

ready() { python3 -c 'import sys, urllib.request; sys.exit(urllib.request.urlopen(sys.argv[1] + "/api/ready", timeout=2).status != 200)' "$REBALANCER_URL" 2>/dev/null; }
for _ in $(seq 150); do
    ready && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
done
ready || { echo "the server did not become ready; its log:" >&2; tail -50 "$log" >&2; exit 1; }

status=0
"$@" || status=$?
if ! kill -0 "$server" 2>/dev/null; then
    echo "the server died; the end of its log:" >&2
    tail -50 "$log" >&2
    exit 1
fi
if grep -q "panicked at" "$log"; then
    echo "the server's log has a panic:" >&2
    grep -A 5 "panicked at" "$log" | head -40 >&2
    status=1
fi
kill -TERM "$server"
stopped=0
wait "$server" || stopped=$?
if [ "$stopped" -ne 0 ]; then
    echo "the server answered SIGTERM with exit code $stopped; the end of its log:" >&2
    tail -20 "$log" >&2
    status=1
fi
exit "$status"
