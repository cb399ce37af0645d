#!/bin/sh
# Run by the Dockerfile in the image's own copy: removes from node_modules what nothing loads when Silt runs.
set -eu
cd "$(dirname "$0")/../../node_modules"
before=$(du -sm . | cut -f1)
# The image has a Node of its own.
rm -rf node-linux-* node-darwin-* node-win-*
# parquet-wasm carries its 5 MB three times; Node loads the one of its "node" condition.
rm -rf parquet-wasm/bundler parquet-wasm/esm
# The compiler of the data plane has done its work.
rm -rf assemblyscript binaryen long
# Rows are read by DuckDB, and no actor reads rows.
rm -rf @duckdb
# A peer of others that npm brings along because development has it.
rm -rf typescript
# Types and their sources are for compilers. Silt's own TypeScript lies outside, and `.ts` below node_modules is never run.
find . -type d -path '*/node_modules/@types' -prune -exec rm -rf {} +
rm -rf @types undici-types
find . -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.md' \) ! -iname 'licen[cs]e*' -delete
find . -type d \( -name test -o -name tests -o -name __tests__ \) -prune -exec rm -rf {} +
find .bin -xtype l -delete
find . -type d -empty -delete
echo "node_modules: $before MB before, $(du -sm . | cut -f1) MB after"
