#!/usr/bin/env bash
# What it takes to run ARM64 programs on an x86-64 Debian or Ubuntu: qemu's user emulator (from the system's packages) and the C libraries that .NET needs
# (unpacked into a cache folder, nothing of them is installed). Prints the folder of the libraries. Does nothing that is done already.
# Needs apt, and root for the emulator where it is not there yet.
set -euo pipefail
home=${XDG_CACHE_HOME:-$HOME/.cache}/compressionhost/arm64
packages=(libc6 libgcc-s1 libstdc++6 libssl3 zlib1g)

fail() { echo "arm64.sh: $*" >&2; exit 1; }

if ! command -v qemu-aarch64-static >/dev/null; then
  command -v apt-get >/dev/null || fail "qemu-aarch64-static is missing, and so is apt-get to install it; install qemu's static user emulator."
  [ "$(id -u)" -eq 0 ] || fail "qemu-aarch64-static is missing; as root: apt-get install qemu-user-static"
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends qemu-user-static; } >&2 ||
    fail "apt-get could not install qemu-user-static."
fi

# The folder gets its name last, so that an interrupted download is not taken for libraries.
if [ ! -d "$home/sysroot" ]; then
  command -v apt-get >/dev/null || fail "there is no apt-get to download ${packages[*]} for arm64."
  mkdir -p "$home"
  work=$(mktemp -d "$home/download.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"/{lists/partial,cache/archives/partial,debs,sysroot}
  # Lists, cache and status of its own: the system's package database does not learn of another architecture. apt drops root for a user who may not read here.
  cat >"$work/apt.conf" <<CONF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
Dir::State::status "/dev/null";
CONF
  (
    cd "$work/debs"
    export APT_CONFIG=$work/apt.conf
    apt-get -qq update && apt-get -qq download "${packages[@]}"
  ) >&2 || fail "apt-get could not download ${packages[*]} for arm64."
  for package in "$work"/debs/*.deb; do
    dpkg-deb -x "$package" "$work/sysroot"
  done
  # Two runs at once: the first to finish gives the folder.
  mv -T "$work/sysroot" "$home/sysroot" 2>/dev/null || [ -d "$home/sysroot" ] || fail "cannot create $home/sysroot"
fi
echo "$home/sysroot"
