#!/usr/bin/env bash
# Installs the tools of the contract, fuzz, client and browser checks: a Python environment in .venv, the npm packages of tests/clients
# and tests/browser, and the data of a test that may not be shipped. Does nothing when they are up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cmp -s tests/requirements.txt .venv/requirements.txt; then
    echo "installing the Python tools of tests/requirements.txt into .venv"
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
    cp tests/requirements.txt .venv/requirements.txt
fi
# The published sets of portfolio selection, which their licence does not let us ship.
if [ ! -e .cache/olps/sp500.csv ]; then
    echo "fetching the sets of crates/backtest/tests/golden/olps.py into .cache/olps"
    .venv/bin/python crates/backtest/tests/golden/olps.py fetch
fi
for folder in tests/clients/typescript tests/browser; do
    if ! cmp -s $folder/package-lock.json $folder/node_modules/package-lock.json; then
        echo "installing the npm packages of $folder"
        (cd $folder && npm ci --no-audit --no-fund --loglevel=error)
        cp $folder/package-lock.json $folder/node_modules/package-lock.json
    fi
done
