#!/bin/sh
# Builds the kernel that source_kernel.config describes, where Debian's source and what it takes to build it are installed;
# /kernel then has its boot and usr folders. Stops where this source has no place for something that is asked for.
set -eu

asked=/source_kernel.config
cd /usr/src
tar --extract --file linux-source-*.tar.xz
cd linux-source-*/
cp $asked kernel/configs/machine.config
make --silent x86_64_defconfig kvm_guest.config machine.config mod2yesconfig
grep '^CONFIG_' $asked | while read -r line; do
    grep --quiet --line-regexp --fixed-strings "$line" .config || { echo "this kernel has no $line" >&2; exit 1; }
done
make --silent --jobs="$(nproc)" bzImage modules
release=$(make --silent kernelrelease)
make --silent modules_install INSTALL_MOD_PATH=/kernel/usr
rm -f "/kernel/usr/lib/modules/$release/build"
install -D arch/x86/boot/bzImage "/kernel/boot/vmlinuz-$release"
