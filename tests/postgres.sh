#!/usr/bin/env bash
# Starts a PostgreSQL server of its own on a free loopback port, runs a command with its address in
# REBALANCER_TEST_DATABASE_URL, stops the server and removes its files.
#
#   tests/postgres.sh COMMAND [ARGUMENT...]
#
# Uses the newest installed server; as root, or with CI=1, one is installed when there is none. The server refuses to run as
# root, so root runs it as `postgres` or `nobody`. tests/postgres.sh --check only says whether it could run.
set -euo pipefail

find_server() { # the folder with initdb and postgres, newest version first
    local folder
    for folder in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -rV) ${PATH//:/ }; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
            echo "$folder"
            return
        fi
    done
    return 1
}

bin=$(find_server) || true
if [ -z "$bin" ]; then
    if [ "${1:-}" = "--check" ]; then
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && exit 0
        exit 1
    fi
    if [ "$(id -u)" = 0 ] || [ -n "${CI:-}" ]; then
        sudo=$([ "$(id -u)" = 0 ] || echo sudo)
        $sudo apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends postgresql >&2
        bin=$(find_server)
    else
        echo "no PostgreSQL server here: install one (Debian: apt-get install postgresql)" >&2
        exit 1
    fi
fi
[ "${1:-}" != "--check" ] || exit 0

folder=$(mktemp -d)
as_user=()
if [ "$(id -u)" = 0 ]; then
    user=$(id -un postgres 2>/dev/null || echo nobody)
    chown "$user" "$folder"
    as_user=(setpriv --reuid "$user" --regid "$(id -gn "$user")" --clear-groups env HOME="$folder")
fi
stop() {
    (cd / && "${as_user[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1) || true
    rm -rf "$folder"
}
trap stop EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(
    cd /
    "${as_user[@]}" "$bin/initdb" -D "$folder/data" -U rebalancer --auth=trust --encoding=UTF8 --no-sync >/dev/null
    "${as_user[@]}" "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 \
        -o "-p $port -h 127.0.0.1 -k '$folder' -c max_connections=200" start >/dev/null
) || { cat "$folder/log" >&2 2>/dev/null; exit 1; }

export REBALANCER_TEST_DATABASE_URL="postgres://rebalancer@127.0.0.1:$port/postgres"
status=0
"$@" || status=$?
exit "$status"
