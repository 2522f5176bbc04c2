#!/usr/bin/env bash
# Builds our side, creates a Python environment with pinned libraries in .cache/peers, and prints the comparison.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=${PEERS_VENV:-.cache/peers}
if ! cmp -s benches/peers/requirements.txt "$venv/requirements.txt"; then
    echo "installing the libraries of benches/peers/requirements.txt into $venv" >&2
    mkdir -p "$(dirname "$venv")"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r benches/peers/requirements.txt
    cp benches/peers/requirements.txt "$venv/requirements.txt"
fi
target=${CARGO_TARGET_DIR:-target}
if [ "${1:-}" = shap ]; then
    cargo build --quiet --profile dist -p trees --example shap_peers
    PEERS_PROGRAM="$target/dist/examples/shap_peers" exec "$venv/bin/python" benches/peers/shap.py
fi
if [ "${1:-}" = regimes ]; then
    cargo build --quiet --profile dist -p regimes --example regime_peers
    PEERS_PROGRAM="$target/dist/examples/regime_peers" exec "$venv/bin/python" benches/peers/regimes.py
fi
simulation() {
    cargo build --quiet --profile dist -p stress --example simulation_peers
    rustc -C opt-level=3 -C target-cpu=native -o "$target/dist/fma_peak" benches/peers/fma_peak.rs
    export PEERS_SIMULATION="$target/dist/examples/simulation_peers" PEERS_PEAK="$target/dist/fma_peak"
    "$venv/bin/python" benches/peers/simulation.py
}
if [ "${1:-}" = simulation ]; then
    simulation
    exit
fi
part=${1:-all}
if [ "$part" != backtest ]; then
    cargo build --quiet --profile dist -p risk --example peers
    rustc -C opt-level=3 -C target-cpu=native -o "$target/dist/fma_peak" benches/peers/fma_peak.rs
    export PEERS_PROGRAM="$target/dist/examples/peers" PEERS_PEAK="$target/dist/fma_peak"
    "$venv/bin/python" benches/peers/compare.py "$@"
fi
if [ "$part" = all ] || [ "$part" = backtest ]; then
    cargo build --quiet --profile dist -p backtest --example peers_backtest
    PEERS_BACKTEST="$target/dist/examples/peers_backtest" "$venv/bin/python" benches/peers/backtest.py
fi
if [ "$part" = all ]; then simulation; fi
