#!/bin/sh
# Runs the `// RUN:` lines of one file: run.sh TOOLS LLVM_TOOLS FILE. `%s` is the file.
# Every line must succeed; a file without such a line fails.
set -eu
PATH="$1:$2:$PATH"
file=$3
lines=$(sed -n 's|^// RUN: *||p' "$file" | sed "s|%s|'$file'|g")
[ -n "$lines" ] || { echo "$file has no RUN line"; exit 1; }
echo "$lines" | while IFS= read -r line; do
  bash -o pipefail -c "$line" </dev/null || { echo "failed: $line"; exit 1; }
done
