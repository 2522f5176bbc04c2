#!/usr/bin/env bash
# Installs what the spec, fuzz and client checks use: a Python environment in .venv and the npm packages of tests/clients.
# Does nothing when they are there and current.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cmp -s tests/requirements.txt .venv/requirements.txt; then
    echo "installing the Python tools of tests/requirements.txt into .venv"
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
    cp tests/requirements.txt .venv/requirements.txt
fi
if ! cmp -s tests/clients/typescript/package-lock.json tests/clients/typescript/node_modules/package-lock.json; then
    echo "installing the npm packages of tests/clients/typescript"
    (cd tests/clients/typescript && npm ci --no-audit --no-fund --loglevel=error)
    cp tests/clients/typescript/package-lock.json tests/clients/typescript/node_modules/package-lock.json
fi
