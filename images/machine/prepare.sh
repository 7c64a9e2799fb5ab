#!/bin/sh
# Makes this computer fit to build images and to run machines: `make machines`. Root installs what is missing,
# anybody else is told what to install.
set -eu

builder=farmhand-images
packages="mmdebstrap uidmap debian-archive-keyring erofs-utils cpio kmod xz-utils zstd lz4 fdisk mtools systemd-boot-efi qemu-system-x86 passt socat openssh-client"
programs="mmdebstrap newuidmap mkfs.erofs cpio modprobe xz zstd lz4 sfdisk mformat qemu-system-x86_64 passt socat ssh"

missing() {
    for program in $programs; do
        PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || return 0
    done
    return 1
}

install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    # shellcheck disable=SC2086 # a list of packages
    apt-get -qq install --yes --no-install-recommends $packages >/dev/null
}

# Nothing is built as root: a user of its own, who may map 65,536 user ids (unshare, newuidmap).
make_builder() {
    id "$builder" >/dev/null 2>&1 ||
        useradd --system --add-subids-for-system --home-dir /var/cache/farmhand --create-home --shell /usr/sbin/nologin "$builder"
}

if [ "$(id -u)" = 0 ]; then
    if missing; then install; fi
    make_builder
elif missing; then
    echo "Machines need Debian's packages: apt-get install $packages" >&2
    exit 1
elif ! grep -q "^$(id -un):" /etc/subuid; then
    echo "To build images, $(id -un) needs a line in /etc/subuid and /etc/subgid: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)" >&2
    exit 1
fi
