#!/usr/bin/env bash
# Runs the pipeline in a folder that outlives this process, so that the next run does only what
# changed, and publishes the champion. Arguments are Hydra overrides.
#
#   CARTELERA_WORK       the folder to work in
#   CARTELERA_PUBLISHED  where to publish (publish.sh)
#   CARTELERA_STUDY      the database of Optuna's studies, instead of a file in the folder
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
work=${CARTELERA_WORK:?names the folder to work in}
published=${CARTELERA_PUBLISHED:?names the folder to publish in}

for part in .dvc/config .dvcignore conf deploy dvc.yaml src; do
  rm -rf "${work:?}/$part"
  mkdir -p "$(dirname "$work/$part")"
  cp -r "$project/$part" "$work/$part"
done

cd "$work"
dvc config --quiet --local core.no_scm true
cartelera repro "$@" ${CARTELERA_STUDY:+"search.storage=$CARTELERA_STUDY"}
deploy/publish.sh data/bento "$published"
