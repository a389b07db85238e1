#!/usr/bin/env bash
# Writes what must not stand in any other file into the folder secrets beside this one, readable for its owner alone:
#   nats.env         for the broker                the passwords of coordinator and agents, fresh
#   coordinator.env  for the coordinator           the broker's address with the one
#   agent.env        for agents                    the same with the other, which gives no orders
#   platform.env     for the coordinator           the key of the live stream, from STREAM_KEY (demo unless set)
# Usage: bash deploy/make-secrets.sh [HOST]      HOST = name of the broker where the agents run; nats unless said
# What is there already is kept: remove the folder for new ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if [ -e secrets ]; then
  echo "deploy/secrets is there already: kept" >&2
  exit 0
fi
umask 077
mkdir secrets
# A letter first: the broker takes values of its configuration for what they look like, and 12e4 is a number.
fresh() { printf 'p%s' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"; }
password=$(fresh)
agent_password=$(fresh)
printf 'NATS_PASSWORD=%s\nNATS_AGENT_PASSWORD=%s\n' "$password" "$agent_password" > secrets/nats.env
printf 'DORAMI_LOAD_NATS=nats://coordinator:%s@%s:4222\n' "$password" "${1:-nats}" > secrets/coordinator.env
printf 'DORAMI_LOAD_NATS=nats://agent:%s@%s:4222\n' "$agent_password" "${1:-nats}" > secrets/agent.env
printf 'DORAMI_LOAD_STREAM_KEY=%s\n' "${STREAM_KEY:-demo}" > secrets/platform.env
echo "deploy/secrets: nats.env, coordinator.env, agent.env, platform.env" >&2
