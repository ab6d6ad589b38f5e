#!/usr/bin/env bash
# Runs a command with a Docker engine of its own, in a network namespace without a way out: for machines without one.
#   unshare -n -m harness/deployment/with-dockerd.sh npx -y pnpm@12 test:deployment
# Needs root, and Debian's docker.io and iptables.
set -euo pipefail
folder=$(mktemp -d /tmp/dk.XXXX) # The path of a Unix socket is short.
ip link set lo up
dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" --host "unix://$folder/docker.sock" \
  >"$folder/log" 2>&1 &
engine=$!
trap 'kill "$engine"; wait "$engine" || true; rm -rf "$folder"' EXIT
export DOCKER_HOST="unix://$folder/docker.sock"
for _ in $(seq 1 150); do
  docker version >/dev/null 2>&1 && break
  kill -0 "$engine" 2>/dev/null || { tail -n 20 "$folder/log" >&2; exit 1; }
  sleep 0.2
done
"$@"
