#!/usr/bin/env bash
# Builds the image of the service from nothing and tests it running (test_image.py). Installs by
# apt what is missing, keeps images and containers in a folder of its own, and removes it. Where no
# container can run it says so and succeeds.
#
#   BENTO   the packaged service to build from (default: a quick one of the embedded sample)
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=tests/e2e/deploy

started=$SECONDS
work=$(mktemp -d -t cartelera-image-XXXXXX)
export BENTO=${BENTO:-$work/project/data/bento}
export IMAGE=cartelera-test

say() {
  echo "[$((SECONDS - started)) s] $*"
}

skip() {
  printf '\n*** SKIPPED: the image was not tested: %s ***\n\n' "$1"
  exit 0
}

clean_up() {
  # Only in the storage set up below: never what somebody else runs here.
  if [ "${CONTAINERS_STORAGE_CONF:-}" = "$work/storage.conf" ]; then
    podman pod rm --all --force >/dev/null 2>&1 || true
    podman rm --all --force >/dev/null 2>&1 || true
  fi
  umount "$work/storage/overlay" 2>/dev/null || true
  rm -rf "$work"
}

install_tools() {
  local missing=()
  local tool
  for tool in podman runc catatonit mmdebstrap; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || skip "there is no apt-get to install ${missing[*]}"
  [ "$(id -u)" = 0 ] || skip "${missing[*]} must be installed by root"
  say "Installing ${missing[*]}."
  { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; } \
    >"$work/apt.log" 2>&1 || { cat "$work/apt.log" && skip "${missing[*]} did not install"; }
}

# Storage of its own, so that nothing here is touched; runc and low limits, because crun fails on
# hybrid cgroups and high limits are refused inside another container.
set_up_podman() {
  cat >"$work/storage.conf" <<CONF
[storage]
driver = "$1"
runroot = "$work/run"
graphroot = "$work/storage"
CONF
  cat >"$work/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
  export CONTAINERS_STORAGE_CONF=$work/storage.conf
  export CONTAINERS_CONF=$work/containers.conf
  export BUILDAH_RUNTIME=runc
  podman info >"$work/info.log" 2>&1
}

package_the_sample() {
  [ -f "$BENTO/bento.yaml" ] && return
  say "Packaging a service of the embedded sample."
  mkdir "$work/project"
  git ls-files -z --cached --others --exclude-standard |
    xargs -0 cp --parents --target-directory "$work/project"
  git init --quiet "$work/project"
  (
    # the repository's code, which is compiled
    export PYTHONPATH=$PWD/src${PYTHONPATH:+:$PYTHONPATH} BENTOML_HOME=$work/bentoml
    cd "$work/project"
    cartelera repro search=quick search.n_trials=3 eda.n_permutations=99 evaluate.n_bootstrap=100 \
      data.n_titles=500 data.n_users=250 data.n_ratings=15000 >"$work/repro.log" 2>&1 ||
      { cat "$work/repro.log" && exit 1; }
  )
}

provide_base() {
  local base
  base=$(sed -n 's/^FROM \(.*\) AS base-container$/\1/p' "$BENTO/env/docker/Dockerfile")
  if timeout 60 podman pull --quiet "$base" >/dev/null 2>&1; then
    say "Base image: $base."
  else
    say "$base cannot be pulled; making a stand-in."
    "$here/stand_in_base.sh" "$base" >/dev/null || skip "no base image can be had"
  fi
  podman run --rm --network none "$base" python --version >"$work/run.log" 2>&1 ||
    { cat "$work/run.log" && skip "podman cannot run a container here"; }
}

trap clean_up EXIT
install_tools
set_up_podman overlay || set_up_podman vfs || { cat "$work/info.log" && skip "podman does not start"; }
package_the_sample
provide_base

say "Building the image."
ENGINE=podman deploy/build_image.sh --network host --pull-never >"$work/build.log" 2>&1 ||
  { cat "$work/build.log" && exit 1; }
tail -2 "$work/build.log"

say "Testing the image."
CARTELERA_IMAGE=$IMAGE pytest "$here/test_image.py" -n 0 --log-cli-level=INFO -p no:cacheprovider
say "Done."
