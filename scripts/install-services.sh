#!/usr/bin/env bash
# Installs the Debian packages that the tests talk to, and only those that are missing.
# Run twice it does nothing the second time. Needs apt-get; uses sudo when it is not root.
set -euo pipefail

# package : a file that proves it is there
needed=(
  "ffmpeg:$(command -v ffmpeg || true)"
  "nginx:$(PATH="$PATH:/usr/sbin" command -v nginx || true)"
  "libnginx-mod-rtmp:$(ls /usr/lib/nginx/modules/ngx_rtmp_module.so 2>/dev/null || true)"
  "zsh:$(command -v zsh || true)"
  "fish:$(command -v fish || true)"
  "chromium:$(command -v chromium || true)"
  "iproute2:$(PATH="$PATH:/usr/sbin:/sbin" command -v ip || true)"
  "iptables:$(PATH="$PATH:/usr/sbin:/sbin" command -v iptables || true)"
  "nats-server:$(PATH="$PATH:/usr/sbin" command -v nats-server || true)"
  "redis-server:$(command -v redis-server || true)"
  "postgresql:$(ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null || true)"
)

missing=()
for entry in "${needed[@]}"; do
  if [ -z "${entry#*:}" ]; then missing+=("${entry%%:*}"); fi
done

if [ ${#missing[@]} -eq 0 ]; then
  echo "services: nothing to install (ffmpeg, nginx, libnginx-mod-rtmp, zsh, fish, chromium, iproute2, iptables, nats-server, redis-server and postgresql are here)"
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "services: missing ${missing[*]}, and there is no apt-get here: install them by hand" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "services: missing ${missing[*]}; run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "services: installing ${missing[*]} with apt-get"
export DEBIAN_FRONTEND=noninteractive
# None of them may start a server of its own: the tests start theirs on free loopback ports.
policy=/usr/sbin/policy-rc.d
made_policy=no
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  made_policy=yes
fi
cleanup() { if [ "$made_policy" = yes ]; then "${as_root[@]}" rm -f "$policy"; fi; }
trap cleanup EXIT
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" </dev/null
echo "services: installed ${missing[*]}"
