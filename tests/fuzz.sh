#!/usr/bin/env bash
# Schemathesis against the server at REBALANCER_URL. FUZZ_EXAMPLES sets the cases per operation (default: schemathesis.toml),
# FUZZ_SEED another seed.
set -euo pipefail
cd "$(dirname "$0")"
exec ../.venv/bin/schemathesis --config-file schemathesis.toml run "$REBALANCER_URL/openapi.json" \
    ${FUZZ_EXAMPLES:+--max-examples "$FUZZ_EXAMPLES"} ${FUZZ_SEED:+--seed "$FUZZ_SEED"}
