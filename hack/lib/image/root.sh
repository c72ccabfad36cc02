#!/bin/sh
# Assembles the image's file system: the binary, the shared libraries it needs, and trusted authorities. The
# Dockerfile and hack/image both call this, so that what is tested without a daemon is what a daemon builds.
#
#   root.sh BINARY DIRECTORY    needs apt-get with package lists, dpkg-deb, ldconfig; neither root nor a daemon
#
# Debian's packages are unpacked, not installed: no maintainer scripts run, so nothing depends on the machine. Every
# file gets the time of SOURCE_DATE_EPOCH (0 by default).
set -eu

binary=$1
directory=$2
here=$(cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
chmod 0755 "$work"

mkdir -p -- "$directory"
directory=$(cd -- "$directory" && pwd)
if [ -n "$(ls -A -- "$directory")" ]; then
    echo "root.sh: $directory is not empty" >&2
    exit 1
fi
umask 022
install -D -m 0755 -- "$binary" "$directory/usr/bin/tallygate"

# shellcheck disable=SC2046 # A name a line.
(cd -- "$work" && apt-get download -qq -o APT::Sandbox::User=root $(cat -- "$here/packages") >/dev/null)

for archive in "$work"/*.deb; do
    name=$(dpkg-deb --field "$archive" Package)
    rm -rf -- "$work/files"
    dpkg-deb --extract "$archive" "$work/files"
    # Of a library its objects and its licence; of ca-certificates the certificates. No programs, no character-set
    # converters, no manuals.
    (cd -- "$work/files" && find . \( -type f -o -type l \) \( \
        -path '*/lib*/*.so' -o -path '*/lib*/*.so.*' -o -path './usr/share/doc/*/copyright' \
        -o -path './usr/share/ca-certificates/*' -o -path './usr/lib/ssl/*.cnf' \) \
        ! -path '*/gconv/*' ! -path '*/audit/*' ! -name 'libmemusage.so' ! -name 'libpcprofile.so' \
        ! -name 'libthread_db.so.1' ! -name 'libnsl.so.1' ! -name 'libmvec.so.1' -print0 |
        tar --create --null --files-from - --file -) |
        tar --extract --directory "$directory" --file -
    # Where scanners look for packages that were not installed by dpkg.
    install -d -m 0755 -- "$directory/var/lib/dpkg/status.d"
    dpkg-deb --field "$archive" >"$directory/var/lib/dpkg/status.d/$name"
done

# One bundle, as update-ca-certificates would make it.
install -d -m 0755 -- "$directory/etc/ssl/certs"
find "$directory/usr/share/ca-certificates" -name '*.crt' | LC_ALL=C sort | xargs cat \
    >"$directory/etc/ssl/certs/ca-certificates.crt"
rm -rf -- "$directory/usr/share/ca-certificates"

printf 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin\n' >"$directory/etc/passwd"
printf 'nonroot:x:65532:\n' >"$directory/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$directory/etc/nsswitch.conf"
printf '/usr/lib/%s\n/lib/%s\n' "$(uname -m)-linux-gnu" "$(uname -m)-linux-gnu" >"$directory/etc/ld.so.conf"
ldconfig -X -r "$directory" 2>/dev/null || ldconfig -r "$directory"
rm -rf -- "$directory/var/cache"
# Where container runtimes mount; the Swift runtime reads its arguments from /proc.
mkdir -- "$directory/proc" "$directory/sys" "$directory/dev" "$directory/tmp"
chmod 1777 -- "$directory/tmp"
find "$directory" -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH:-0}" {} +
