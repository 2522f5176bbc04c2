#!/usr/bin/env bash
# Builds the dashboard into dist/, which the service embeds. Does nothing when dist/ is newer than everything it is made from.
#
# Without npm or a Node that is new enough it says so and succeeds: the service then runs with its API and docs alone.
# --check builds nothing and says by its exit code whether this machine could.
set -euo pipefail
cd "$(dirname "$0")"

able() {
    command -v npm >/dev/null 2>&1 &&
        node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}
if [ "${1:-}" = --check ]; then
    able
    exit
fi
if ! able; then
    echo "the dashboard is not built: that needs npm with Node 20.19 or newer. The API and /docs work without it." >&2
    exit 0
fi

made_from=(src scripts index.html package.json package-lock.json tsconfig.json vite.config.ts ../../openapi/openapi.json)
# schema.ts is made by the build itself.
if [ -f dist/index.html ] && [ -z "$(find "${made_from[@]}" -newer dist/index.html ! -path src/api/schema.ts ! -type d -print -quit)" ]; then
    exit 0
fi
if ! cmp -s package-lock.json node_modules/.installed; then
    npm ci --loglevel=error
    cp package-lock.json node_modules/.installed
fi
# A build that failed late must not pass for a finished one the next time.
npm run --silent build || { rm -f dist/index.html; exit 1; }
