#!/usr/bin/env bash
# Makes an example run of each profile against the embedded stage, shortened by --time-scale, and a run with planted
# faults; then names their reports.
#
#   scripts/example-runs.sh [FOLDER]          default: examples
#
#   PROFILES="spike recovery"                 only these (default: all, and "faults")
#   SCALE=0.02 VUS=30                         how much shorter, how many viewers
#
# A shortened run judges no row that needs real time, and its verdict says "scaled". Exit code: 0 when each run made
# its reports, whatever its verdict.
set -u
cd "$(dirname "$0")/.." || exit 1

out=${1:-examples}
scale=${SCALE:-0.02}
vus=${VUS:-30}
profiles=${PROFILES:-smoke baseline ramp spike soak recovery escalation chatBurst faults}

[ -f dist/cli.js ] || npm run --silent build || exit 1

failed=0
for profile in $profiles; do
  case $profile in
    faults)
      load=(--profile smoke --vus "$vus" --stage-fault freeze:at=25,for=4
        --stage-fault 'http-5xx:at=42,for=8,path=/api/products')
      ;;
    smoke) load=(--profile smoke --vus "$vus") ;;
    baseline) load=(--profile baseline --duration 60s) ;;
    *) load=(--profile "$profile" --vus "$vus" --time-scale "$scale") ;;
  esac
  printf '%-11s ' "$profile"
  mkdir -p "$out/$profile"
  node bin/dorami-load.js run "${load[@]}" --quiet --out "$out/$profile" \
    >"$out/$profile/summary.txt" 2>"$out/$profile/stderr.txt"
  tail -n 1 "$out/$profile/stderr.txt"
  run=$(find "$out/$profile" -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1)
  if [ -n "$run" ] && [ -f "$run/report.html" ]; then
    printf '%-11s %s\n' '' "$run/report.html"
  else
    printf '%-11s no report\n' ''
    failed=1
  fi
done
exit $failed
