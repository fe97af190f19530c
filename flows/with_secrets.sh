#!/bin/sh
# Runs a command with each secret in the environment: Prefect reads no files.
# The secret /run/secrets/PREFECT_API_AUTH_STRING becomes the variable of that name.
set -eu
for file in /run/secrets/PREFECT_*; do
  [ -r "$file" ] || { echo "the secret $file cannot be read by user $(id -u): chmod 444 it" >&2; exit 1; }
  export "$(basename "$file")=$(cat "$file")"
done
exec "$@"
