# shellcheck shell=bash
# What every script under hack/ shares: one line per step, a log shown only when a step fails, and
# Debian packages installed only when they are missing. Source it; it defines functions and nothing else.

# One line of progress, on standard error: standard output belongs to a script's result.
say() { printf '%s\n' "$*" >&2; }

# Ends the script with what failed and, after it, what to do.
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# quietly WHAT COMMAND…: runs COMMAND with its output in a log, which is shown only when the command fails.
quietly() {
    local what=$1 log
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/tallygate-log.XXXXXX") || return 1
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f -- "$log"
        return 0
    fi
    say "${0##*/}: $what failed; the end of its output follows (all of it: $log)"
    tail -n 40 -- "$log" | sed 's/^/    /' >&2
    return 1
}

# package_installed NAME: whether dpkg has it installed and configured.
package_installed() {
    local status
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) && [[ $status == installed ]]
}

# A download may be cut short by a mirror's update or a proxy: three tries, then the log.
readonly INSTALL_TRIES=3

# install_now SUDO NAME…: apt-get install with retries. Asks nothing, takes no recommended packages, and
# waits for another apt-get's lock instead of failing.
install_now() {
    local -a elevate=()
    [[ -z $1 ]] || elevate=("$1")
    shift
    "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        -o "Acquire::Retries=$INSTALL_TRIES" -o DPkg::Lock::Timeout=300 -- "$@"
}

# need_packages NAME…: installs the Debian packages that are missing; does nothing when none is.
# The package lists are fetched at most once a script, and only when they are too old to serve.
need_packages() {
    local -a missing=()
    local name sudo=""
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        fail "these packages are needed and this system has no apt-get: $*. Install them by its own means"
    fi
    for name in "$@"; do
        package_installed "$name" || missing+=("$name")
    done
    ((${#missing[@]} > 0)) || return 0

    if ((EUID != 0)); then
        sudo=$(command -v sudo) || fail "missing packages; run as root: apt-get install ${missing[*]}"
        # A password can be asked for only where somebody reads the question.
        [[ -t 0 && -t 2 ]] || sudo -n true 2>/dev/null ||
            fail "missing packages, and sudo would ask for a password; run: sudo apt-get install ${missing[*]}"
        ! [[ -t 0 && -t 2 ]] || sudo -v || fail "sudo refused; run as root: apt-get install ${missing[*]}"
    fi
    say "installing ${missing[*]}"
    if apt_knows "${missing[@]}" && quiet_try install_now "$sudo" "${missing[@]}"; then
        return 0
    fi
    # No lists yet, or lists that name files which are no longer on the mirror.
    if [[ -z ${INSTALL_LISTS_FRESH:-} ]]; then
        say "fetching the package lists"
        quietly "apt-get update" ${sudo:+"$sudo"} apt-get update -o "Acquire::Retries=$INSTALL_TRIES" ||
            fail "the package lists could not be fetched: check the network and /etc/apt/sources.list*"
        INSTALL_LISTS_FRESH=yes
    fi
    quietly "apt-get install ${missing[*]}" install_now "$sudo" "${missing[@]}" ||
        fail "could not install: ${missing[*]}"
}

# quiet_try COMMAND…: runs it, output discarded, for an attempt that has a fallback.
quiet_try() { "$@" >/dev/null 2>&1 </dev/null; }

# apt_knows NAME…: whether the lists at hand have a candidate for every one.
apt_knows() {
    local name candidate
    for name in "$@"; do
        candidate=$(LC_ALL=C apt-cache policy "$name" 2>/dev/null | awk '$1 == "Candidate:" { print $2 }')
        [[ -n $candidate && $candidate != "(none)" ]] || return 1
    done
}

# need_command COMMAND PACKAGE: the package that brings the command, unless something on PATH already does.
need_command() {
    command -v "$1" >/dev/null || need_packages "$2"
}
