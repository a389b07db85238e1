#!/usr/bin/env bash
# Makes an example run of each profile against the embedded stage, shortened by --time-scale, and a run with planted
# faults; keeps of each the report and the summary, an index of all, and pictures of two reports.
#
#   bash scripts/example-runs.sh [FOLDER]     default: docs/examples; takes about 15 minutes
#
#   PROFILES="spike recovery"                 only these (default: all); the others in FOLDER stay as they are
#   VUS=30                                    how many viewers
#   PICTURES="escalation recovery"            of which reports there are pictures; empty = none (/usr/bin/chromium)
#
# A shortened run judges no row that needs real time, and its verdict says "scaled". Exit code: 0 when each run made
# its reports, whatever its verdict.
set -u
cd "$(dirname "$0")/.." || exit 1

repo=$PWD
out=${1:-docs/examples}
vus=${VUS:-30}
every='smoke baseline ramp spike soak recovery escalation chatBurst faults'
profiles=${PROFILES:-$every}

[ -f dist/cli.js ] || npm run --silent build || exit 1

# Runs are made where no path of this machine gets into a report, and its name is taken out of run.json.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nameless() {
  node -e '
    const fs = require("node:fs");
    const record = JSON.parse(fs.readFileSync(process.argv[1], "utf8"));
    record.host.name = "load-box";
    fs.writeFileSync(process.argv[1], JSON.stringify(record));
  ' "$1/run.json"
}

failed=0
for profile in $profiles; do
  case $profile in
    faults)
      load=(--profile smoke --vus "$vus" --stage-fault freeze:at=25,for=4
        --stage-fault 'http-5xx:at=42,for=8,path=/api/products')
      ;;
    smoke) load=(--profile smoke --vus "$vus") ;;
    baseline) load=(--profile baseline --duration 60s) ;;
    escalation)
      # Beyond a stage that carries any number there is nothing to find: a limit is planted.
      load=(--profile escalation --steps "$((vus / 3)),$((vus * 2 / 3)),$vus" --target-vus "$((vus * 2 / 3))"
        --time-scale 0.04 --stage-fault "cap-sockets:count=$((vus * 5 / 6))")
      ;;
    chatBurst)
      # Nobody may write more than 20 messages in 10 s: 50 a second want 55 viewers.
      load=(--profile chatBurst --vus "$((vus > 60 ? vus : 60))" --time-scale 0.15)
      ;;
    # As short as still shows the shape: one to two minutes; faults of recovery keep their lengths, five minutes in all.
    ramp) load=(--profile ramp --vus "$vus" --time-scale 0.04) ;;
    spike) load=(--profile spike --vus "$vus" --time-scale 0.1) ;;
    soak) load=(--profile soak --vus "$vus" --time-scale 0.004) ;;
    recovery) load=(--profile recovery --vus "$vus" --time-scale 0.02) ;;
    *)
      echo "no such example: $profile" >&2
      exit 1
      ;;
  esac
  printf '%-11s ' "$profile"
  (cd "$work" && node "$repo/bin/dorami-load.js" run "${load[@]}" --quiet --no-report --out "runs/$profile" \
    >/dev/null 2>"$profile.err")
  said=$(tail -n 1 "$work/$profile.err")
  echo "$said"
  run=$(cd "$work" && find "runs/$profile" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort | tail -n 1)
  if [ -z "$run" ] || ! nameless "$work/$run" ||
    ! (cd "$work" && node "$repo/bin/dorami-load.js" report "$run" >/dev/null); then
    printf '%-11s no report\n' ''
    failed=1
    continue
  fi
  mkdir -p "$out/$profile"
  cp "$work/$run/report.html" "$work/$run/summary.md" "$out/$profile/"
  printf 'npx dorami-load%s\n' "$(printf ' %s' "${load[@]}")" >"$out/$profile/command.txt"
  printf '%-11s %s\n' '' "$out/$profile/report.html"
done

{
  echo '# Example runs'
  echo
  echo "Made by \`scripts/example-runs.sh\` against the embedded stage on one machine, shortened by \`--time-scale\`: rows that"
  echo 'need real time are not judged, and the verdict says "scaled". INVALID: the machine was busy with something else, and the'
  echo 'run says nothing about the platform. A report is one file: save it and open it in a browser.'
  echo
  for profile in $every; do
    [ -f "$out/$profile/summary.md" ] || continue
    # As the summary begins: the verdict and what decided it.
    verdict=$(head -n 1 "$out/$profile/summary.md" | sed 's/^## //')
    printf '## %s\n\n```sh\n%s\n```\n\n%s\n\n[report](%s/report.html), [summary](%s/summary.md)\n\n' \
      "$profile" "$(cat "$out/$profile/command.txt")" "$verdict" "$profile" "$profile"
  done
} | sed -e '$ d' >"$out/README.md"

for profile in ${PICTURES-escalation recovery}; do
  [ -f "$out/$profile/report.html" ] || continue
  node scripts/report-picture.mjs "$out/$profile/report.html" "$out/$profile.png" || failed=1
done
exit $failed
