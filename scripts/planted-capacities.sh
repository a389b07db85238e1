#!/usr/bin/env bash
# Plants four limits on the stage, one after the other, and lets an escalation find each: is the number within 5 % (or
# one viewer), is the cause named right? Prints a table, ends with 1 if one is wrong. Takes about eight minutes.
#
#   bash scripts/planted-capacities.sh [OUT]    OUT: where the runs go, default: a temporary folder
#
#   LIMITS="media api"    only these (default: sockets media starve api)
#   TRIES=3               an escalation in which this machine was the bottleneck proves nothing and is made again
set -u
cd "$(dirname "$0")/.." || exit 1
out=${1:-$(mktemp -d)}
limits=${LIMITS:-sockets media starve api}
tries=${TRIES:-3}

[ -f dist/cli.js ] || npm run --silent build || exit 1

# What was found, as a row: exit code 0 = right, 1 = wrong, 2 = the machine, not the platform, was the bottleneck.
row_of() {
  node -e '
    const [, limit, planted, cause, run, file] = process.argv;
    const { escalation: found, verdict } = JSON.parse(require("node:fs").readFileSync(file, "utf8"));
    const { breaksAt, holds, sentence } = found;
    const near = (vus) => vus !== null && Math.abs(vus - planted) <= Math.max(1, planted * 0.05);
    const ours = /^The generator broke first/.test(sentence);
    const right = !ours && near(breaksAt) && near(holds) && found.cause === cause;
    const said = sentence.replace(/; it holds.*/, "");
    console.log(`| ${limit} | ${planted} | holds ${holds}, breaks at ${breaksAt ?? "-"} | ${said} | ${right ? "right" : ours ? "not judged" : "WRONG"} |`);
    console.error(`${limit}: ${verdict}: ${sentence} (${run})`);
    process.exit(right ? 0 : ours ? 2 : 1);
  ' "$@"
}

# NAME PLANTED-VIEWERS CAUSE FLAG...
look() {
  local limit=$1 planted=$2 cause=$3 try run row code=2
  shift 3
  for ((try = 1; try <= tries && code == 2; try++)); do
    node bin/dorami-load.js run --profile escalation --target-vus 20 --no-preflight --no-report --quiet \
      --out "$out/$limit-$try" "$@" >/dev/null 2>&1
    run=$(find "$out/$limit-$try" -mindepth 1 -maxdepth 1 -type d | head -1)
    if [ ! -f "$run/summary.json" ]; then
      row="| $limit | $planted | - | the run did not come to its end: $out/$limit-$try | WRONG |"
      code=1
    else
      row=$(row_of "$limit" "$planted" "$cause" "$run" "$run/summary.json")
      code=$?
    fi
  done
  rows+=("$row")
  [ "$code" = 0 ] || wrong=1
}

rows=()
wrong=0
short=(--time-scale 0.02)
for limit in $limits; do
  case $limit in
    sockets) look sockets 27 ready_root "${short[@]}" --steps 20,40 --stage-fault cap-sockets:count=27 ;;
    media)
      look media 33 stream_start_success "${short[@]}" --steps 20,40 --mix hls=0,flv=100 \
        --stage-fault cap-media:count=33
      ;;
    starve)
      look starve 23 rebuffer_ratio "${short[@]}" --steps 20,40 --stage-fault starve:count=23,share=0.4
      ;;
    api)
      # 25 viewers with 5 calls a second each. The longer a rate is looked at the better it is known: the limit lets the
      # calls of a quarter of a second through at once.
      look api 25 api_success --time-scale 0.06 --steps 20,30 --rate products=200ms --stage-fault cap-api:rate=125
      ;;
    *)
      echo "no such limit: $limit" >&2
      exit 1
      ;;
  esac
done

echo '| limit | viewers planted | found | what the escalation says | |'
echo '|---|---|---|---|---|'
printf '%s\n' "${rows[@]}"
exit $wrong
