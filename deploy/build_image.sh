#!/usr/bin/env bash
# Builds the image of the packaged service with docker, podman or buildah, whichever works here,
# and prints its size. Arguments go to the engine's `build`.
#
#   BENTO       the packaged service        (data/bento)
#   IMAGE       name of the image           (cartelera)
#   ENGINE      docker, podman or buildah   (the first that works)
#   BASE_IMAGE  what it is built on         (Python's slim image, as BentoML names it)
set -euo pipefail
cd "$(dirname "$0")/.."

bento=${BENTO:-data/bento}
image=${IMAGE:-cartelera}

fail() {
  echo "$1" >&2
  exit 1
}

works() {
  case $1 in
    docker) docker info >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

find_engine() {
  local engine
  for engine in docker podman buildah; do
    if works "$engine"; then
      echo "$engine"
      return
    fi
  done
  fail "No docker, podman or buildah works here: install one (Debian: apt-get install podman)."
}

bytes_of() {
  case $engine in
    buildah) buildah images --json "$1" | python3 -c \
      'import json, sys; print(json.load(sys.stdin)[0]["size"])' ;;
    *) "$engine" image inspect --format '{{.Size}}' "$1" ;;
  esac
}

[ -f "$bento/bento.yaml" ] || fail "$bento holds no packaged service: run 'make repro' first."
engine=${ENGINE:-$(find_engine)}
works "$engine" || fail "ENGINE=$engine does not work here."

generated=$bento/env/docker/Dockerfile
chosen=$(sed -n 's/^FROM \(.*\) AS base-container$/\1/p' "$generated")
base=${BASE_IMAGE:-$chosen}
uv=$(grep -o '^uv==[0-9.]*' requirements.lock)
# A Bento that was not made with the versions of the lock has no hashes to ask for.
hashes=
if grep -q -- ' --hash=' "$bento/env/python/requirements.txt"; then hashes='--require-hashes '; fi
version=$(sed -n 's/^version: //p' "$bento/bento.yaml")
dockerfile=$(mktemp)
trap 'rm -f "$dockerfile"' EXIT
{
  echo "ARG BASE_IMAGE=$base"
  sed -e "s|^FROM $chosen AS|FROM $base AS|" -e "s/pip install uv$/pip install $uv/" \
    -e "s/ pip install -r / pip install $hashes-r /" "$generated"
  cat deploy/service.Dockerfile
} >"$dockerfile"

options=(--build-arg "VERSION=$version" --tag "$image:$version" --tag "$image:latest")
# The OCI format has no place for a health check.
[ "$engine" = docker ] || options+=(--format docker)
"$engine" build "${options[@]}" --file "$dockerfile" "$@" "$bento"

echo "Built $image:$version with $engine."
size=$(bytes_of "$image:$version")
if [[ $size =~ ^[0-9]+$ ]]; then
  size="$((size / 1000000)) MB, $(((size - $(bytes_of "$base")) / 1000000)) MB of it on top of $base"
fi
echo "Size: $size"
