#!/usr/bin/env bash
# Builds the image silt:<version> with Docker, Podman or Buildah, whichever is there, and prints its size.
#   build-image.sh [option of the builder...]
#   SILT_NPMRC=<file>   npm's settings while building (a registry of one's own, a login): never in the image
set -euo pipefail
cd "$(dirname "$0")/../.."
size_bytes_max=350000000
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
image="silt:${SILT_VERSION:-$version}"

if docker buildx version >/dev/null 2>&1; then
  build=(docker buildx build --load) size=(docker image inspect --format '{{.Size}}' "$image")
elif command -v buildah >/dev/null; then
  build=(buildah build --format docker --layers) size=(buildah inspect --type image --format '{{.Docker.Size}}' "$image")
  command -v podman >/dev/null && size=(podman image inspect --format '{{.Size}}' "$image")
else
  build=(podman build --format docker) size=(podman image inspect --format '{{.Size}}' "$image")
fi
if [ -n "${SILT_NPMRC:-}" ]; then build+=(--secret "id=npmrc,src=$SILT_NPMRC"); fi

"${build[@]}" --file Dockerfile --tag "$image" "$@" .
bytes=$("${size[@]}")
echo "$image: $((bytes / 1000000)) MB, at most $((size_bytes_max / 1000000)) MB"
[ "$bytes" -le "$size_bytes_max" ]
