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

# toolchain_resources: the folder of what belongs to the compiler, libraries of its own kind among them.
toolchain_resources() {
    local found
    found=$(swiftc -print-target-info 2>/dev/null | sed -n 's/.*"runtimeResourcePath"[ ]*:[ ]*"\(.*\)".*/\1/p')
    [[ -d $found ]] || fail "swiftc -print-target-info names no folder of its own"
    printf '%s\n' "$found"
}

# toolchain_program NAME: a program that comes with the compiler, of the same release of LLVM; those on PATH are others.
toolchain_program() {
    local found
    found=$(toolchain_resources)/../../bin/$1
    [[ -x $found ]] || fail "this Swift toolchain has no $1 ($found): install the whole toolchain from https://www.swift.org/install/linux"
    realpath -- "$found"
}

# toolchain_reads_profiles: whether the compiler takes profiles of its intermediate code; Swift 6.3 is the first to.
toolchain_reads_profiles() {
    [[ $(swiftc -frontend -help-hidden 2>/dev/null) == *-ir-profile-use=* ]]
}
