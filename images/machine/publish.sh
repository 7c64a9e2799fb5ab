#!/bin/sh
# Builds the grid's image with Docker and sends it to ThreeFold's flist hub: make publish NAME=farmhand ENGINES=FOLDER
# HUB_TOKEN is the hub's API token; it goes to curl by standard input, so no list of processes ever shows it.
set -eu

engines=${1:?name a folder of engines; it may be empty}
name=${NAME:-farmhand}
: "${HUB_TOKEN:?set it to an API token of hub.grid.tf}"
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
docker build --file machine/Dockerfile --build-context "engines=$engines" --iidfile "$work/id" .
container=$(docker create "$(cat "$work/id")")
docker export "$container" | gzip >"$work/$name.tar.gz"
docker rm "$container" >/dev/null
echo "Authorization: Bearer $HUB_TOKEN" |
    curl --fail --silent --show-error --header @- --form "file=@$work/$name.tar.gz" https://hub.grid.tf/api/flist/me/upload
