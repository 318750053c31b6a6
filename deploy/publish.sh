#!/usr/bin/env bash
# Puts a packaged service in the place it is served from. A service that runs there takes the new
# model by itself (serve.reload_every_s). What is packaged is the champion's: the gate has spoken.
#
#   publish.sh BENTO TARGET
set -euo pipefail
bento=$1
target=$2
new=$target.new
old=$target.old

rm -rf "$new"
mkdir -p "$(dirname "$target")"
cp -r "$bento" "$new"
chmod -R a+rX "$new" # whatever user serves it
# Two renames: a service that starts between them fails, and its engine starts it again.
rm -rf "$old"
[ ! -e "$target" ] || mv -T "$target" "$old"
mv -T "$new" "$target"
rm -rf "$old"
echo "Published version $(sed -n 's/^version: //p' "$target/bento.yaml") in $target."
