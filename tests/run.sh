#!/usr/bin/env bash
# Every gate, the cheapest first; stops at the first one that fails and shows its output.
#
# Runs what the machine can run and lists what it skipped and why. With CI=1 nothing is skipped: missing Python and npm tools
# are installed (tests/tools.sh), and anything still missing is an error.
#
# Cargo builds twice: clippy, "each crate alone" and the documentation share what is only checked; tests, examples, benches and
# the server share what is compiled. tests/one_build.py shows that nothing external is built a second time in between.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto} PYTHONDONTWRITEBYTECODE=1
# Property tests draw the same cases in every run, so that a run says something about the change it is run for. Another seed draws
# others: PROPTEST_RNG_SEED=$RANDOM cargo nextest run.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20260101}
ci=${CI:-}
skipped=()
passed=0
started=$SECONDS
current=""
beside=""      # name of what runs in the background
beside_pid=""
beside_log=$(mktemp)

finish() {
    if [ -n "$beside_pid" ]; then kill -- "-$beside_pid" 2>/dev/null || true; fi
    rm -f "$beside_log"
    [ -z "$current" ] || printf '\nFAILED: %s\n' "$current" >&2
}
trap finish EXIT

step() { # step NAME COMMAND...; `set -e` stays on inside, and `finish` says which step ended the run
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

start_beside() { # start_beside NAME COMMAND...; runs while the next steps do, in a process group of its own
    beside=$1
    shift
    set -m
    "$@" >"$beside_log" 2>&1 &
    beside_pid=$!
    set +m
}

await_beside() { # prints what ran in the background and fails when it failed
    local status=0
    wait "$beside_pid" || status=$?
    beside_pid=""
    cat "$beside_log"
    return "$status"
}

have() { command -v "$1" >/dev/null 2>&1; }

# nextest starts a process for each test. The tests of the API share one, because they share one server.
unit_tests() {
    if have cargo-nextest; then
        cargo nextest run --workspace --no-fail-fast -E 'not binary_id(rebalancer::api)'
        cargo test --quiet --workspace --test api
    else
        cargo test --workspace --lib --bins --tests --examples --no-fail-fast
    fi
}

# In the workspace `engine` turns the feature `conic` on; here the optimizer has its own solver only.
without_conic() { cargo test --quiet -p optimizer -p one-build; }

doc_warnings() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet; }

# A neighbour's feature in the workspace build can hide one that a crate forgot to ask for, and code that is dead without it.
# `one-build` gives external crates the features they have in the workspace, so only crates of the workspace are checked anew.
each_crate_alone() {
    local manifest name
    for manifest in crates/*/Cargo.toml; do
        name=$(sed -n 's/^name = "\(.*\)"/\1/p' "$manifest" | head -1)
        cargo clippy --quiet -p "$name" -p one-build -- -D warnings
        if grep -q '^openapi = ' "$manifest"; then
            cargo clippy --quiet -p "$name" -p one-build --features "$name/openapi" -- -D warnings
        fi
        echo "$name"
    done
}

# Libraries, tests, examples, benches and the server, as every later step uses them.
compile() { cargo build --quiet --workspace --all-targets; }

# A project of its own that adds models to the crates. It builds into the same folder with the same profile, so what is external is
# taken from there.
outside() {
    cd tests/outside
    cargo fmt --check
    CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../../target} cargo test --quiet --locked
    cd ../..
}

# A project of its own that feeds what reads untrusted bytes with mutations of real inputs; it builds as the one above.
mutated() {
    cd fuzz
    cargo fmt --check
    CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../target} cargo test --quiet --locked
    cd ..
}

# A project of its own, with the query engine and a profile of its own: nothing of it is shared with the workspace. Kills are part of its tests;
# two processes also plan on a store that speaks S3. Clippy compiles its own crate, so that nothing is compiled a second time to be checked.
batch() {
    local target=${BATCH_TARGET_DIR:-$PWD/apps/batch/target}
    cd apps/batch
    cargo fmt --check
    RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__ CARGO_TARGET_DIR=$target \
        cargo test --quiet --locked
    cd ../..
    [ -z "$python" ] || python3 apps/batch/tests/two_machines.py "$target/debug/rebalancer-batch"
}

# The programs in crates/*/examples (files and folders), on the real data: each runs to its end and prints something.
crate_examples() {
    local path name printed
    for path in crates/*/examples/*.rs crates/*/examples/*/main.rs; do
        [ -e "$path" ] || continue
        name=$(basename "${path%/main.rs}" .rs)
        printed=$("${CARGO_TARGET_DIR:-target}/debug/examples/$name")
        [ -n "$printed" ] || { echo "example $name printed nothing" >&2; return 1; }
        echo "$name"
    done
}

# Without --bench on its command line criterion runs every benchmark once: this shows that they work, not how fast. The pattern
# names the benches; `--benches` would run every unit test of the workspace again.
benches_once() { cargo test --quiet --workspace --bench '*'; }

# The tests of the pure functions; the page itself is walked in a browser below.
dashboard_units() {
    cd apps/dashboard
    [ -d node_modules/tsx ] || npm ci --loglevel=error
    npm run --silent test
    cd ../..
}

against_server() { tests/with_server.sh "$@"; }

# Orders as FIX messages, of the crate's example and of request files, read by an independent parser.
fix_messages() {
    local built=${CARGO_TARGET_DIR:-target}/debug file
    .venv/bin/python tests/fix_orders.py "$built/examples/print"
    for file in first_plan household_rebalance household_raise; do
        .venv/bin/python tests/fix_orders.py "${REBALANCER_BIN:-$built/rebalancer}" orders "examples/$file.json" \
            --sender HOUSEHOLD --target BROKER --format
    done
}

# Processes are killed at random moments and restarted, then one client sends cases one after another: both leave a core idle most
# of the time, so they run beside steps that compile.
kills_and_cases() { # kills_and_cases POSTGRES CASES, both empty or "yes"
    set -e
    local begin=$SECONDS
    tests/crash.py --rounds 20
    tests/runs.py --rounds 6
    if [ -n "$1" ]; then
        tests/postgres.sh tests/crash.py --rounds 20
        tests/postgres.sh tests/runs.py --rounds 4
    fi
    printf 'kills: %s s in the background\n' "$((SECONDS - begin))"
    begin=$SECONDS
    [ -z "$2" ] || against_server tests/fuzz.sh
    printf 'schemathesis: %s s in the background\n' "$((SECONDS - begin))"
}

# The checker on pairs whose answer is known, then on the contract.
released_contract() {
    python3 tests/test_contract_diff.py
    python3 tests/contract_diff.py
}

postgres=$(tests/postgres.sh --check && echo yes || true)
python=$(have python3 && echo yes || true)

step "format" cargo fmt --all --check
if [ -n "$python" ]; then
    step "circles of files" python3 tests/circles.py
    step "contract lint" python3 tests/contract_lint.py
    step "contract against the last release" released_contract
    step "one build of external crates" python3 tests/one_build.py
    step "licences" python3 tests/licences.py
    step "bill of materials" python3 deploy/sbom.py --check
    step "claims of SECURITY.md" python3 tests/security_claims.py
    step "data files keep their promises" python3 data/check.py
    step "size of the repository" python3 tests/repository_size.py
    step "windows of scenarios match the data" python3 data/stress_windows.py --check
    step "scenarios match the data" python3 examples/build_scenarios.py --check
    step "golden vectors match their script" python3 testdata/policy/make.py --check
fi
# Before anything is compiled: the service embeds the built page.
if apps/dashboard/build.sh --check; then
    step "dashboard" apps/dashboard/build.sh
    step "dashboard units" dashboard_units
    step "faults of the page without their mends" node tests/browser/mutations.mjs units
else
    for name in dashboard "dashboard units" "faults of the page without their mends"; do skip "$name" "no npm with Node 20.19 or newer"; done
fi
step "clippy" cargo clippy --quiet --workspace --all-targets -- -D warnings
step "each crate alone, with and without openapi" each_crate_alone
step "documentation" doc_warnings
[ -z "$ci" ] || start_beside "test tools" tests/tools.sh
step "compile" compile
[ -z "$ci" ] || step "test tools" await_beside
step "tests" unit_tests
step "optimizer without its conic solver" without_conic

# It measures time and fills a disk, so nothing may run beside it.
if [ -n "$python" ]; then
    step "full disk, foreign lock, SIGTERM" tests/faults.py
else
    skip "full disk, foreign lock, SIGTERM" "no python3"
fi
# Installs the server when that is allowed and it is missing, before two steps need it at once.
[ -z "$postgres" ] || step "PostgreSQL starts" tests/postgres.sh true
cases=$([ -x .venv/bin/schemathesis ] && echo yes || true)
[ -z "$python" ] || start_beside kills kills_and_cases "$postgres" "$cases"
if [ -n "$postgres" ]; then
    step "store on PostgreSQL" tests/postgres.sh cargo test --quiet --workspace --test suite -- --ignored
else
    skip "store on PostgreSQL" "no PostgreSQL server; apt-get install postgresql"
fi
step "documentation examples" cargo test --quiet --workspace --doc
step "extensions from outside" outside
step "mutated inputs" mutated
step "batch" batch
step "crate examples on real data" crate_examples
step "benches in test mode" benches_once
if [ -n "$python" ]; then
    step "plans recomputed" against_server tests/examples.sh
    step "odd but valid requests" against_server bash -c 'python3 tests/valid_odd.py "$REBALANCER_URL"'
    step "calibration replayed" against_server bash -c 'python3 examples/replay_calibration.py "$REBALANCER_URL"'
    step "costs refitted to fills" against_server bash -c 'python3 examples/execution_day.py "$REBALANCER_URL"'
    if command -v jq >/dev/null; then
        step "commands of governance" against_server python3 tests/governance_walkthrough.py
    else
        skip "commands of governance" "no jq"
    fi
    step "figures of the documents" against_server bash -c 'python3 tests/doc_figures.py "$REBALANCER_URL"'
    step "faults found in use" against_server bash -c 'python3 tests/faults_in_use.py "$REBALANCER_URL"'
    step "refusals" against_server bash -c 'python3 tests/hostile.py "$REBALANCER_URL"'
    step "doors" tests/doors.py
else
    for name in "circles of files" "contract lint" "contract against the last release" "one build of external crates" licences "data files keep their promises" "size of the repository" "scenarios match the data" \
        "golden vectors match their script" "plans recomputed" "odd but valid requests" \
        "calibration replayed" "costs refitted to fills" "commands of governance" "figures of the documents" "faults found in use" "kills at random moments and amid runs" refusals doors; do
        skip "$name" "no python3"
    done
fi

if [ -x .venv/bin/schemathesis ]; then
    step "contract is valid OpenAPI" .venv/bin/openapi-spec-validator openapi/openapi.json
    step "deploy files" .venv/bin/python tests/deploy.py
    step "FIX messages" fix_messages
else
    for name in "contract is valid OpenAPI" "deploy files" "FIX messages" schemathesis; do
        skip "$name" "no .venv; make tools installs it"
    done
fi
if [ -x .venv/bin/openapi-python-client ] && [ -d tests/clients/typescript/node_modules ] && have node; then
    step "generated clients" against_server tests/clients.sh
else
    skip "generated clients" "no .venv, node or node_modules; make tools installs them"
fi
if [ -n "$python" ]; then
    step "kills${postgres:+, SQLite and PostgreSQL}${cases:+; schemathesis}" await_beside
    [ -n "$postgres" ] || skip "kills on PostgreSQL" "no PostgreSQL server; apt-get install postgresql"
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
