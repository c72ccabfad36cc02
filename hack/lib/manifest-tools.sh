# shellcheck shell=bash
# The tools that judge rules, dashboards and charts, in the user's cache. Needs install.sh sourced before it.

# manifest_tools: sets MANIFEST_PYTHON and PROMTOOL, fetching what is missing.
manifest_tools() {
    local cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/tallygate
    mkdir -p -- "$cache"
    MANIFEST_PYTHON=$(manifest_python "$cache") || return 1
    PROMTOOL=$(manifest_promtool "$cache") || return 1
    export MANIFEST_PYTHON PROMTOOL
}

# A virtual environment with the packages of requirements.txt, keyed by that file. Built beside its place and moved
# there when it is complete: an interrupted build leaves nothing that looks finished.
manifest_python() {
    local cache=$1 requirements=${BASH_SOURCE[0]%/*}/manifests/requirements.txt hash home
    hash=$(sha256sum <"$requirements") || return 1
    home=$cache/manifest-tools-${hash:0:12}
    if [[ ! -e $home/complete ]]; then
        need_packages python3 python3-venv >&2
        say "installing $(grep -c == "$requirements") Python packages into $home"
        rm -rf -- "$home"
        quietly "making a virtual environment" python3 -m venv "$home" &&
            quietly "pip install" "$home/bin/pip" install --quiet --requirement "$requirements" || return 1
        touch -- "$home/complete"
    fi
    printf '%s\n' "$home/bin/python"
}

# promtool from Debian's prometheus, unpacked and not installed: installing it would start a server.
manifest_promtool() {
    local home=$1/promtool work
    if command -v promtool; then return 0; fi
    if [[ ! -x $home/promtool ]]; then
        say "fetching promtool from Debian's package prometheus"
        apt_knows prometheus || quietly "apt-get update" apt-get update || return 1
        work=$(mktemp -d) || return 1
        chmod 0755 "$work"
        quietly "fetching prometheus" promtool_fetch "$work" &&
            mkdir -p -- "$home" && mv -- "$work/root/usr/bin/promtool" "$home/" || return 1
        rm -rf -- "$work"
    fi
    printf '%s\n' "$home/promtool"
}

# In a folder of its own: apt-get download writes into the current one.
promtool_fetch() (
    cd -- "$1" && apt-get download prometheus && dpkg-deb --extract prometheus_*.deb root
)
