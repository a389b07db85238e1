#!/usr/bin/env bash
# Installs what the tests need and is missing, then runs every check: lint, types, build, all tests.
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
step types
npx --no-install tsc -p tsconfig.json
step build
npm run --silent build
step tests
DORAMI_TEST_REQUIRE_SERVICES=1 npx --no-install vitest run "$@"
