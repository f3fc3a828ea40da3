#!/bin/sh
# Replaces the processes of compose.yaml one at a time, under load, by what images and files say now:
# a new container first, and when it is well, an old one is told to drain and end.
#
#   docker/rolling.sh                  migrate, then all of them
#   docker/rolling.sh kitchen web      these alone, no migration
#
# Where a new one does not become well it is removed, the old one goes on, and this exits 1. In the place
# of one that has ended a new one is started.
set -eu
: "${COMPOSE_FILE:=$(dirname "$0")/compose.yaml}"
export COMPOSE_FILE

# Auth's clients look for new servers this often (auth_grpc/server.py): only then may an old one end.
auth_found=40

say() { echo "$(date -u +%H:%M:%S) $*"; }
up() { docker compose up --detach --no-deps --wait --wait-timeout 180 --quiet-pull "$@"; }

# ended SERVICE: its containers that run no more, without those of `docker compose run`
ended() {
  for container in $(docker compose ps --all --quiet --status exited --status created --status dead "$1"); do
    one_off=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.oneoff"}}' "$container")
    [ "$one_off" = True ] || echo "$container"
  done
}

# add SERVICE [COUNT]: new containers, until there are so many; without, as many as compose.yaml says
add() {
  before=$(docker compose ps --all --quiet "$1")
  if ! up --no-recreate ${2:+--scale "$1=$2"} "$1"; then
    for new in $(docker compose ps --all --quiet "$1"); do
      case $before in *"$new"*) ;; *) docker logs --tail 20 "$new"; docker rm --force "$new" ;; esac
    done
    say "the new $1 is not well; what ran goes on" >&2
    exit 1
  fi
}

# replace SERVICE
replace() {
  old=$(docker compose ps --quiet "$1")
  gone=$(ended "$1")
  count=$(echo "$old" "$gone" | wc -w)
  if [ -z "$old" ] || [ -n "$gone" ]; then
    # Compose would start one that has ended as it was, and it would be taken for a new one.
    for container in $gone; do docker rm "$container" >/dev/null; done
    add "$1" ${gone:+"$count"}
    say "$1: started"
  fi
  for container in $old; do
    add "$1" "$((count + 1))"
    [ "$1" != auth ] || sleep "$auth_found"
    # As long as compose.yaml grants it.
    docker stop "$container" >/dev/null
    docker rm "$container" >/dev/null
    say "$1: replaced"
  done
}

if [ $# -eq 0 ]; then
  # Old processes bear what it does: tests/upgrades refuses a migration that they would not.
  docker compose run --rm --no-deps -T setup
  set -- auth orders kitchen delivery web live celery beat
fi
for service; do
  case $service in
    # Two of it would send every periodic task twice. Nobody's request waits for it.
    beat) up --force-recreate beat; say "beat: replaced" ;;
    proxy | postgres | kafka | valkey) say "$service: not without a gap; see docs/operations.md" >&2; exit 2 ;;
    *) replace "$service" ;;
  esac
done
