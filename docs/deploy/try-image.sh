#!/bin/sh
# Builds the image of ./Dockerfile with buildah and tries it: no container engine and no daemon, only what a
# chroot needs. From anywhere:
#
#   sh docs/deploy/try-image.sh            builds, checks, tells the size, removes what it made
#   KEEP=1 sh docs/deploy/try-image.sh     leaves the image haggle:try behind
#
# Where node:20-bookworm-slim cannot be pulled, a stand-in for it is made from this machine's own node and libraries and
# tagged with that name: enough to prove the Dockerfile, not an image to deploy. NPMRC=FILE hands npm's settings to the build.
set -eu

export STORAGE_DRIVER="${STORAGE_DRIVER:-vfs}" BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"
base=docker.io/library/node:20-bookworm-slim
image=localhost/haggle:try
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
made_base=
container=

clean() {
  if [ -n "$container" ]; then buildah rm "$container" >/dev/null; fi
  if [ -z "${KEEP:-}" ]; then buildah rmi -f "$image" >/dev/null 2>&1 || true; fi
  if [ -n "$made_base" ]; then buildah rmi -f "$base" >/dev/null 2>&1 || true; fi
  buildah rmi --prune >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT

say() { printf '%s\n' "$*"; }
fail() { say "try-image: $*" >&2; exit 1; }

# Puts a program of this machine and the libraries it loads into a folder that becomes a root.
bring() {
  for program in "$@"; do
    path=$(readlink -f "$(command -v "$program")")
    for file in "$path" $(ldd "$path" 2>/dev/null | grep -o '/[^ ]*'); do
      mkdir -p "$work/base$(dirname "$file")"
      cp -nL "$file" "$work/base$file"
    done
    mkdir -p "$work/base/usr/local/bin"
    [ -e "$work/base/usr/local/bin/$program" ] || ln -s "$path" "$work/base/usr/local/bin/$program"
  done
}

stand_in() {
  say "cannot pull $base: a stand-in from this machine's node $(node --version)"
  bring node sh env id ls cat mkdir chown chmod ln rm cp touch tar gzip
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$work/base$npm" "$work/base/bin" "$work/base/usr/bin" "$work/base/etc" "$work/base/root" "$work/base/var"
  mkdir -m 1777 "$work/base/tmp"
  cp -R "$npm/." "$work/base$npm"
  for program in npm npx; do ln -s "$npm/bin/$program-cli.js" "$work/base/usr/local/bin/$program"; done
  ln -s "$(readlink -f "$(command -v sh)")" "$work/base/bin/sh" 2>/dev/null || true
  ln -s "$(readlink -f "$(command -v env)")" "$work/base/usr/bin/env" 2>/dev/null || true
  echo 'root:x:0:0:root:/root:/bin/sh' > "$work/base/etc/passwd"
  echo 'root:x:0:' > "$work/base/etc/group"
  cp -L /etc/nsswitch.conf "$work/base/etc/" 2>/dev/null || true
  # npm must trust what this machine trusts.
  certificates=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
  mkdir -p "$work/base/etc/ssl/certs"
  cp -L "$certificates" "$work/base/etc/ssl/certs/ca-certificates.crt"
  from=$(buildah from scratch)
  buildah copy -q "$from" "$work/base" / >/dev/null
  buildah config --env PATH=/usr/local/bin:/usr/bin:/bin \
    --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$from"
  buildah commit -q --format docker "$from" "$base" >/dev/null
  buildah rm "$from" >/dev/null
  rm -rf "$work/base"
  made_base=1
}

buildah inspect --type image "$base" >/dev/null 2>&1 || buildah pull -q "$base" >/dev/null 2>&1 || stand_in

say "building"
# The docker format, because the OCI format has no HEALTHCHECK.
buildah bud --pull-never --format docker --layers=false --ignorefile "$root/docs/deploy/Dockerfile.dockerignore" \
  ${NPMRC:+--secret "id=npmrc,src=$NPMRC"} -f "$root/docs/deploy/Dockerfile" -t "$image" "$root" > "$work/build.log" 2>&1 \
  || { tail -n 30 "$work/build.log" >&2; fail "the build failed"; }

buildah inspect --type image "$image" > "$work/image.json"
node -e '
  const { Docker } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
  const { User, Entrypoint, Healthcheck, Volumes } = Docker.config;
  const claims = { User, Entrypoint: Entrypoint.join(" "), Healthcheck: Healthcheck.Test[0], Volumes: Object.keys(Volumes).join() };
  const wanted = { User: "10001:10001", Entrypoint: "haggle", Healthcheck: "CMD", Volumes: "/data" };
  for (const [name, value] of Object.entries(wanted)) {
    if (claims[name] !== value) throw new Error(`${name} is ${claims[name]}, not ${value}`);
  }' "$work/image.json" || fail "the image does not say what the Dockerfile says"
say "image says: user 10001:10001, entrypoint haggle, health check, volume /data"

container=$(buildah from --pull-never "$image")
run() { buildah run --user 10001:10001 "$container" -- "$@"; }

[ "$(run id -u)" = 10001 ] || fail "runs as uid $(run id -u)"
say "runs as uid 10001"
version=$(run haggle --version)
say "haggle --version: $version"

# Read-only as far as a chroot can: nothing that the image brought may be writable to the one who runs in it.
mounted=$(buildah mount "$container" 2>/dev/null || true)
if [ -n "$mounted" ]; then
  writable=$(find "$mounted" -xdev ! -type l \( -user 10001 -o -group 10001 -o -perm -0002 \) \
    ! -path "$mounted/data" ! -path "$mounted/tmp" ! -path "$mounted/proc/*" ! -path "$mounted/sys/*" ! -path "$mounted/dev/*" | head -n 5)
  [ -z "$writable" ] || fail "uid 10001 can write to $writable"
  say "uid 10001 can write to /data and /tmp only"
  say "size of the image: $(du -sm "$mounted" | cut -f1) MB, of it Haggle and its packages: $(du -sm "$mounted/app" | cut -f1) MB"
  buildah umount "$container" >/dev/null
fi
[ "$(run sh -c 'touch /app/x 2>/dev/null && echo yes || echo no')" = no ] || fail "/app can be written to"
[ "$(run sh -c 'touch /data/x && rm /data/x && echo yes')" = yes ] || fail "/data cannot be written to"

# A module of whoever writes agents finds Haggle, and what Haggle itself uses.
printf '%s\n' "import { defineAgent } from 'haggle';" "import { z } from 'zod';" \
  "export const probe = defineAgent({ name: 'probe', params: z.object({ n: z.number() }), setup() {} });" > "$work/probe.ts"
buildah copy -q "$container" "$work/probe.ts" /app/agents/probe.ts >/dev/null
refused=$(run haggle agent run /app/agents/probe.ts --param n=1 --key=/run/secrets/none 2>&1 || true)
case $refused in
  *"cannot read the key file /run/secrets/none"*) say "haggle agent run loads a module of /app/agents, written in TypeScript" ;;
  *) fail "haggle agent run: $refused" ;;
esac

run haggle simulate energy --generate buses=6 --json > "$work/result.json"
fingerprint=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).fingerprint' "$work/result.json")
say "haggle simulate energy --generate buses=6: fingerprint $fingerprint"
say "the image is good"
