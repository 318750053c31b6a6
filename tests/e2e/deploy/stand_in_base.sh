#!/usr/bin/env bash
# Makes a stand-in for the base image of the service where the real one cannot be pulled: this
# machine's own Debian with its Python, certificates and package sources. For tests only.
#
#   stand_in_base.sh NAME
set -euo pipefail

name=$1
sources=$(find /etc/apt -maxdepth 2 \( -name '*.sources' -o -name 'sources.list' \) -size +0 | head -1)
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

# shellcheck disable=SC2016  # "$1" is the new root, which mmdebstrap fills in
mmdebstrap --quiet --variant=minbase --include=ca-certificates,python3,python3-venv,python3-pip \
  --customize-hook='copy-in /usr/local/share/ca-certificates /usr/local/share' \
  --customize-hook='chroot "$1" update-ca-certificates >/dev/null' \
  --customize-hook='rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED' \
  --customize-hook='ln -s ../../bin/python3 "$1/usr/local/bin/python"' \
  --customize-hook='ln -s ../../bin/pip3 "$1/usr/local/bin/pip"' \
  --customize-hook='printf "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n" >"$1/etc/pip.conf"' \
  --customize-hook='mkdir "$1/etc/uv" && echo "system-certs = true" >"$1/etc/uv/uv.toml"' \
  "$codename" - "$sources" |
  podman import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' - "$name"
