#!/bin/sh
# Makes .venv with everything that a lock file names: ./bootstrap.sh requirements.txt
# Needs Python 3.11 or newer and nothing else. While the lock file stays the same, a second run does nothing.
set -eu
cd "$(dirname "$0")"
lock=$1

done_before() { cmp -s "$lock" ".venv/$lock"; }

# An environment knows where it was made, and works nowhere else.
made_here() { grep -qsxF "$PWD" .venv/lib/python3*/site-packages/farmhand.pth; }

python() {
    for name in "${PYTHON:-}" /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        if [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Farmhand needs Python 3.11 or newer. Install it, or name one in PYTHON." >&2
    exit 1
}

# Debian without python3-venv has neither venv nor pip: root installs them, another user unpacks pip from its package.
make_venv() {
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv
    elif [ "$(id -u)" = 0 ]; then
        apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null
        "$python" -m venv .venv
    else
        venv_with_unpacked_pip
    fi
}

venv_with_unpacked_pip() {
    apt=$(mktemp -d)
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    own="-o Dir::State::lists=$apt/lists -o Dir::Cache=$apt/cache -o APT::Sandbox::User="
    (cd "$apt" && apt-get -qq $own update && apt-get -qq $own download python3-pip-whl)
    dpkg-deb -x "$apt"/python3-pip-whl_*.deb "$apt/whole"
    "$python" -m venv --without-pip .venv
    pip=$(echo "$apt"/whole/usr/share/python-wheels/pip-*.whl)
    .venv/bin/python "$pip/pip" install --quiet "$pip"
    rm -r "$apt"
}

# uv installs in 2 s what takes pip 44 s; it too comes with its hashes.
install() {
    sed -n '/^uv==/,/[^\\]$/p' requirements-dev.txt >.venv/uv.txt
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
    .venv/bin/uv pip install --quiet --require-hashes -r "$lock"
    echo "$PWD" >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/farmhand.pth"
    cp "$lock" ".venv/$lock"
}

if ! made_here || ! done_before; then
    python=$(python)
    echo "Installing $lock into .venv (90 to 160 MB, once) …"
    made_here || { rm -rf .venv && make_venv; }
    install
fi
