#!/usr/bin/env bash
# Installs what the tests need and is missing, then runs every check: lint, types, build, a smoke run on the newest
# Node, all tests.
# A service that is still missing afterwards is a failure, not a skipped test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
  echo
  echo "== $*"
}

step services
bash scripts/install-services.sh
step lint
npx --no-install biome check .
step "types and build"
npx --no-install tsc -p tsconfig.json &
types=$!
npm run --silent build
wait "$types"
step "smoke on the newest Node"
if node=$(bash scripts/newest-node.sh); then
  DORAMI_TEST_NODE="$node" npx --no-install vitest run test/e2e/smoke.test.ts
elif [ "${CI:-}" = true ]; then
  echo "the newest Node could not be had: in CI that is a failure" >&2
  exit 1
else
  echo "left out: the newest Node could not be had (the reason stands above)"
fi
step tests
DORAMI_TEST_REQUIRE_SERVICES=1 npx --no-install vitest run "$@"
