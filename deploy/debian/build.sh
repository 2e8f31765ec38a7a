#!/usr/bin/env bash
# Builds ringcast_VERSION_ARCH.deb into a folder: deploy/debian/build.sh [folder]. Needs npm ci before, dpkg-deb, and
# no network. Brings its own Node.js and all packages, so that nothing of the system's is needed.
#   DEB_COMPRESSION    xz (default), gzip, zstd or none
#   DEBFULLNAME, DEBEMAIL    the maintainer
#   SOURCE_DATE_EPOCH  date of the package (default: now)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$(realpath "${1:-.}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
lib=$tree/usr/lib/ringcast
doc=$tree/usr/share/doc/ringcast

arch=$(dpkg --print-architecture)
# A version before its release: Debian sorts 1.0.0~rc.1 before 1.0.0.
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$root/package.json" | tr - '~')
maintainer="${DEBFULLNAME:-The ringcast authors} <${DEBEMAIL:-root@localhost}>"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date +%s)}

case $arch in
  amd64) machine=x64 ;;
  arm64) machine=arm64 ;;
  *) echo "no Node.js for $arch" >&2 && exit 1 ;;
esac

pack_program() {
  (cd "$root" && npm pack --silent --pack-destination "$work" >&2)
  mkdir -p "$lib"
  tar -xzf "$work"/*.tgz -C "$lib" --strip-components=1
  cp "$root/package-lock.json" "$lib/"
  cp -a --reflink=auto "$root/node_modules" "$lib/"
  # What is not as the lock file has it, and whatever else is there, goes.
  (cd "$lib" && npm prune --silent --omit=dev --ignore-scripts --prefer-offline)
  rm -rf "$lib/package-lock.json" "$lib/node_modules/.package-lock.json" "$lib/node_modules/.bin"
  ln -s "node_modules/node-linux-$machine/bin/node" "$lib/node"
  # Of Node.js the program alone, not its headers and npm.
  find "$lib/node_modules/node-linux-$machine" -type f \
    ! -path '*/bin/node' ! -name package.json ! -iname 'license*' -delete
  find "$lib/node_modules" -type d -empty -delete
  # The native library comes for all systems and releases of Node.js: 127 is the one of Node.js 22.
  find "$lib/node_modules" -name 'uws_*.node' ! -name "uws_linux_${machine}_127.node" -delete
}

# The program, found beside wherever the package was unpacked.
write_command() {
  mkdir -p "$tree/usr/bin"
  cat >"$tree/usr/bin/ringcast" <<'COMMAND'
#!/bin/sh
lib=$(dirname "$(readlink -f "$0")")/../lib/ringcast
exec "$lib/node" "$lib/dist/src/main.js" "$@"
COMMAND
  chmod 755 "$tree/usr/bin/ringcast"
}

write_documents() {
  mkdir -p "$doc/examples"
  mv "$lib"/{README,ARCHITECTURE,CHANGELOG,SECURITY}.md "$lib/src" "$doc/"
  mv "$lib"/deploy/{from-rpushd,several-nodes,tuning}.md "$doc/"
  rm -r "$lib/deploy/README.md" "$lib/deploy/debian" "$lib/deploy/docker" "$lib/LICENSE"
  mkdir -p "$tree/usr/lib/systemd/system" "$tree/etc/ringcast"
  mv "$lib"/deploy/systemd/ringcast.{service,socket} "$tree/usr/lib/systemd/system/"
  mv "$lib/deploy/systemd/ringcast.env" "$tree/etc/ringcast/"
  mv "$lib"/deploy/* "$doc/examples/"
  rmdir "$lib/deploy"
  cp "$root/deploy/debian/copyright" "$doc/"
  {
    printf 'ringcast (%s) stable; urgency=medium\n\n' "$version"
    printf '  * What is new in this version stands in CHANGELOG.md.\n\n'
    printf ' -- %s  %s\n' "$maintainer" "$(date -R -u -d "@$SOURCE_DATE_EPOCH")"
  } | gzip -9n >"$doc/changelog.gz"
}

write_control() {
  mkdir "$tree/DEBIAN"
  cat >"$tree/DEBIAN/control" <<CONTROL
Package: ringcast
Version: $version
Architecture: $arch
Maintainer: $maintainer
Installed-Size: $(du -sk "$tree" | cut -f1)
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6
Recommends: systemd (>= 250)
Suggests: nginx | haproxy | apache2
Section: net
Priority: optional
Description: push daemon that holds the connections of web clients
 The application publishes to a channel, and every client that subscribes to
 the channel receives the publication, in one order. Clients of rpushd work as
 they are.
CONTROL
  echo /etc/ringcast/ringcast.env >"$tree/DEBIAN/conffiles"
  install -m 755 "$root"/deploy/debian/{postinst,prerm,postrm} "$tree/DEBIAN/"
  (cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
}

pack_program
write_command
write_documents
chmod -R u=rwX,go=rX "$tree"
write_control
dpkg-deb --root-owner-group "-Z${DEB_COMPRESSION:-xz}" --build "$tree" "$out/ringcast_${version}_$arch.deb"
