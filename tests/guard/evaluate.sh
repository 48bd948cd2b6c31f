#!/bin/sh
#  How precise the guard's patterns are and how much they find; docs/GUARD.md has the figures.
#
#      tests/guard/evaluate.sh [show|review]      after make tests/guard/eval
#
#  Negatives are files of the Debian packages below, which a build of this tree installs, or
#  what those depend on. Nothing of them is copied. Where there are too few, the test skips.
#  BR_GUARD_PACKAGES names others instead, to see how the patterns do on texts that nobody
#  has tuned on.
set -eu
LC_ALL=C
export LC_ALL
source=${BR_SOURCE_DIR:-.}
build=${BR_BUILD_DIR:-.}
packages=${BR_GUARD_PACKAGES:-"autoconf automake bash binutils coreutils curl git gcc-12 libc6-dev libcmocka-dev
    libcurl4-openssl-dev libcjson-dev libgnutls28-dev libmariadb-dev libmicrohttpd-dev
    libncurses-dev libpcre2-dev libpq-dev libpython3.11-stdlib libsecp256k1-dev libsodium-dev
    libsqlite3-dev libssl-dev libstdc++-12-dev libtool libyaml-dev libzmq3-dev linux-libc-dev
    m4 make nettle-dev perl perl-base perl-modules-5.36 pkgconf-bin python3.11
    libpython3.11-minimal zlib1g-dev comerr-dev krb5-multidev libldap-dev libidn2-dev
    libp11-kit-dev libtasn1-6-dev libgmp-dev debianutils dpkg dpkg-dev libdpkg-perl
    libkrb5-dev tar sed grep gawk findutils util-linux procps passwd login adduser apt"}
list=$(mktemp)
trap 'rm -f "$list"' EXIT INT TERM

if ! command -v dpkg-query > /dev/null; then
    echo "SKIP: no packages of Debian here"
    exit 77
fi
for package in $packages; do
    dpkg-query -L "$package" 2> /dev/null | grep -E \
        '^/usr/(include|lib/python3|lib/git-core|share/(doc|man|perl|git-core|autoconf|automake[^/]*|aclocal[^/]*|bash[^/]*|mysql[^/]*|common-licenses|libtool))/' \
        | grep -Ev '\.(pyc|png|gif|ico|mo|info|info\.gz|pdf|so|a)$' \
        | while IFS= read -r file; do
            [ -f "$file" ] && [ ! -L "$file" ] && printf '%s %s\n' "$package" "$file"
        done || true
done > "$list"
#  Logs, and the copyright file of each package, which is a text of its own.
if [ -z "${BR_GUARD_PACKAGES-}" ]; then
    for file in /var/log/dpkg.log /var/log/apt/history.log /var/log/alternatives.log \
        /usr/share/doc/*/copyright; do
        [ -r "$file" ] && [ ! -L "$file" ] || continue
        kind=${file##*/}
        printf '%s %s\n' "${kind%.log}" "$file" >> "$list"
    done
fi

"$build/tests/guard/eval" "$source" "$list" "$@"
