#!/usr/bin/env bash
# Plants four capacities on the stage, one after the other, and lets an escalation find each: is the number within 5 %,
# is the cause named right? Takes about nine minutes; a machine that is busy with something else makes the generator
# break first, which the sentence then says.
#
#   bash scripts/planted-capacities.sh [OUT]
set -u
cd "$(dirname "$0")/.."
out=${1:-$(mktemp -d)}
common=(run --profile escalation --steps 5,10,20 --target-vus 20 --no-preflight --no-report --quiet)

look() {
  local what=$1
  shift
  echo "== $what"
  node bin/dorami-load.js "${common[@]}" --out "$out/$what" "$@" 2>&1 >/dev/null | tail -1
}

short=(--time-scale 0.02)
look sockets "${short[@]}" --stage-fault cap-sockets:count=17
look media "${short[@]}" --mix hls=0,flv=100 --stage-fault cap-media:count=17
look starved "${short[@]}" --stage-fault starve:count=17,share=0.4
# A rate is known the better the longer it is looked at: 17 calls a second against 18 need some seconds more.
look api --time-scale 0.06 --rate products=1s --stage-fault cap-api:rate=17
echo "runs in $out"
