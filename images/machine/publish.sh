#!/bin/sh
# Sends the grid's image to ThreeFold's flist hub: make publish NAME=farmhand ENGINES=FOLDER. Docker builds it; with RAW=1
# it is the disk of a full VM, which `make image RAW=1` has built.
# HUB_TOKEN is the hub's API token; it goes to curl by standard input, so no list of processes ever shows it.
set -eu

engines=${1:?name a folder of engines; it may be empty}
name=${NAME:-farmhand}
: "${HUB_TOKEN:?set it to an API token of hub.grid.tf}"
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -n "${RAW:-}" ]; then
    built=$(python3 machine/build.py --engines "$engines" --where)
    [ -e "$built/image.raw" ] || { echo "There is no full VM's disk: make image RAW=1" >&2; exit 1; }
    tar --create --gzip --file "$work/$name.tar.gz" --directory "$built" image.raw
else
    docker build --file machine/Dockerfile --build-context "engines=$engines" --iidfile "$work/id" .
    container=$(docker create "$(cat "$work/id")")
    docker export "$container" | gzip >"$work/$name.tar.gz"
    docker rm "$container" >/dev/null
fi
echo "Authorization: Bearer $HUB_TOKEN" |
    curl --fail --silent --show-error --header @- --form "file=@$work/$name.tar.gz" https://hub.grid.tf/api/flist/me/upload
