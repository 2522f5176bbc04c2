#!/usr/bin/env bash
# Every gate, cheapest first; stops at the first one that fails, with its output.
#
# Uses what the machine has and lists what it skipped and why. With CI=1 nothing is skipped: missing Python and npm tools
# are installed (tests/tools.sh) and anything still missing is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto} PYTHONDONTWRITEBYTECODE=1
ci=${CI:-}
skipped=()
passed=0
started=$SECONDS

current=""
trap '[ -z "$current" ] || printf "\nFAILED: %s\n" "$current" >&2' EXIT

step() { # step NAME COMMAND...; `set -e` stays on inside, the trap above says which step ended the run
    current=$1
    local begin=$SECONDS
    shift
    printf '\n== %s\n' "$current"
    "$@"
    printf '== %s: ok, %s s\n' "$current" "$((SECONDS - begin))"
    passed=$((passed + 1))
    current=""
}

skip() { # skip NAME REASON
    if [ -n "$ci" ]; then
        printf '\nFAILED: with CI=1 nothing is skipped, but "%s" cannot run: %s\n' "$1" "$2" >&2
        exit 1
    fi
    skipped+=("$1: $2")
}

have() { command -v "$1" >/dev/null 2>&1; }

unit_tests() {
    if have cargo-nextest; then
        cargo nextest run --workspace --no-fail-fast
    else
        cargo test --workspace --lib --bins --tests --examples --no-fail-fast
    fi
}

doc_warnings() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet; }

# A neighbour's feature in the workspace build can hide one that a crate forgot to ask for.
each_crate_alone() {
    local manifest name
    for manifest in crates/*/Cargo.toml; do
        name=$(sed -n 's/^name = "\(.*\)"/\1/p' "$manifest" | head -1)
        cargo check --quiet -p "$name"
        if grep -q '^openapi = ' "$manifest"; then
            cargo check --quiet -p "$name" --features openapi
        fi
        echo "$name"
    done
}

# The programs in crates/*/examples (files and folders), on the real data: each runs to its end and prints something.
# Built with the whole workspace, because building one package alone would rebuild its dependencies with other features.
crate_examples() {
    local path name printed
    cargo build --quiet --workspace --examples --profile test
    for path in crates/*/examples/*.rs crates/*/examples/*/main.rs; do
        [ -e "$path" ] || continue
        name=$(basename "${path%/main.rs}" .rs)
        printed=$("${CARGO_TARGET_DIR:-target}/debug/examples/$name")
        [ -n "$printed" ] || { echo "example $name printed nothing" >&2; return 1; }
        echo "$name"
    done
}

# Without --bench on its command line criterion runs every benchmark once: this shows that they work, not how fast.
benches_once() { cargo test --quiet -p benches --benches; }

# The tests of the pure functions; the page itself is walked in a browser below.
dashboard_units() {
    cd apps/dashboard
    [ -d node_modules/tsx ] || npm ci --loglevel=error
    npm run --silent test
    cd ../..
}

server() { cargo build --quiet --workspace --bins --profile test; }

against_server() { tests/with_server.sh "$@"; }

step "format" cargo fmt --all --check
# Before anything is compiled: the service embeds the built page.
if apps/dashboard/build.sh --check; then
    step "dashboard" apps/dashboard/build.sh
    step "dashboard units" dashboard_units
else
    for name in dashboard "dashboard units"; do skip "$name" "no npm with Node 20.19 or newer"; done
fi
step "clippy" cargo clippy --quiet --workspace --all-targets -- -D warnings
step "each crate alone, with and without openapi" each_crate_alone
step "documentation" doc_warnings
step "tests" unit_tests
if tests/postgres.sh --check; then
    step "store on PostgreSQL" tests/postgres.sh cargo test --quiet --workspace --test suite -- --ignored
else
    skip "store on PostgreSQL" "no PostgreSQL server; apt-get install postgresql"
fi
step "documentation examples" cargo test --quiet --workspace --doc
step "crate examples on real data" crate_examples
step "benches in test mode" benches_once
step "server binary" server

if have python3; then
    step "licences" python3 tests/licences.py
    step "scenarios match the data" python3 examples/build_scenarios.py --check
    step "plans recomputed" against_server tests/examples.sh
    step "odd but valid requests" against_server bash -c 'python3 tests/valid_odd.py "$REBALANCER_URL"'
    step "kills at random moments, SQLite" tests/crash.py --rounds 20
    if tests/postgres.sh --check; then
        step "kills at random moments, PostgreSQL" tests/postgres.sh tests/crash.py --rounds 20
    else
        skip "kills at random moments, PostgreSQL" "no PostgreSQL server; apt-get install postgresql"
    fi
    step "kills amid runs, SQLite" tests/runs.py --rounds 6
    if tests/postgres.sh --check; then
        step "kills amid runs, PostgreSQL" tests/postgres.sh tests/runs.py --rounds 4
    else
        skip "kills amid runs, PostgreSQL" "no PostgreSQL server; apt-get install postgresql"
    fi
    step "full disk, foreign lock, SIGTERM" tests/faults.py
    step "refusals" against_server bash -c 'python3 tests/hostile.py "$REBALANCER_URL"'
else
    for name in licences "scenarios match the data" "plans recomputed" "odd but valid requests" refusals "kills at random moments" "kills amid runs" "full disk, foreign lock, SIGTERM"; do
        skip "$name" "no python3"
    done
fi

[ -z "$ci" ] || step "test tools" tests/tools.sh
if [ -x .venv/bin/schemathesis ]; then
    step "contract is valid OpenAPI" .venv/bin/openapi-spec-validator openapi/openapi.json
    step "deploy files" .venv/bin/python tests/deploy.py
    step "schemathesis" against_server tests/fuzz.sh
else
    for name in "contract is valid OpenAPI" "deploy files" schemathesis; do
        skip "$name" "no .venv; make tools installs it"
    done
fi
if [ -x .venv/bin/openapi-python-client ] && [ -d tests/clients/typescript/node_modules ] && have node; then
    step "generated clients" against_server tests/clients.sh
else
    skip "generated clients" "no .venv, node or node_modules; make tools installs them"
fi
if [ -f apps/dashboard/dist/index.html ] && [ -d tests/browser/node_modules ] && have node && [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    step "dashboard in a browser" against_server tests/browser/run.sh
else
    skip "dashboard in a browser" "no built page, no Chromium (apt-get install chromium, or CHROMIUM names it) or no node_modules (make tools)"
fi

printf '\nevery gate that ran is green, %s s\n' "$((SECONDS - started))"
if [ ${#skipped[@]} -gt 0 ]; then
    printf 'skipped:\n'
    printf '  %s\n' "${skipped[@]}"
fi
printf 'gates: %s passed, 0 failed, %s skipped\n' "$passed" "${#skipped[@]}"
