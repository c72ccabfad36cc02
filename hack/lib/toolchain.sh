# shellcheck shell=bash
# The Swift toolchain, which no Debian package brings.

# The oldest release whose package manager and language features the package uses.
readonly SWIFT_MINIMUM=6.2

# need_swift: ends the script unless a swift of SWIFT_MINIMUM or later is on PATH.
need_swift() {
    local version
    command -v swift >/dev/null ||
        fail "no swift on PATH: install Swift $SWIFT_MINIMUM or later from https://www.swift.org/install/linux"
    version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+')
    if [[ $(printf '%s\n' "$SWIFT_MINIMUM" "$version" | sort -V | head -n 1) != "$SWIFT_MINIMUM" ]]; then
        fail "swift on PATH is $version: install Swift $SWIFT_MINIMUM or later from https://www.swift.org/install/linux"
    fi
}
