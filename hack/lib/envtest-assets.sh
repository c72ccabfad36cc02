# shellcheck shell=bash
# Where the API server's binaries come from: the folder that KUBEBUILDER_ASSETS names, the cache, or a build.
# Needs install.sh and envtest-recipe.sh sourced before it.

# assets_directory: prints the folder with at least etcd and kube-apiserver in it, building it if need be.
assets_directory() {
    local cache
    assets_cached && return 0
    cache=$(assets_cache)
    assets_build "$cache" || return 1
    printf '%s\n' "$cache"
}

# assets_cached: prints that folder if it is there already; fails without a word otherwise.
assets_cached() {
    local given=${KUBEBUILDER_ASSETS:-} cache
    if [[ -n $given && -x $given/etcd && -x $given/kube-apiserver ]]; then
        printf '%s\n' "$given"
        return 0
    fi
    [[ -z $given ]] || say "envtest: KUBEBUILDER_ASSETS=$given lacks etcd or kube-apiserver; using the cache"
    cache=$(assets_cache)
    assets_complete "$cache" && printf '%s\n' "$cache"
}

# assets_cache: prints the cache folder of this recipe, whether it exists or not.
assets_cache() {
    local recipe hash
    recipe=${BASH_SOURCE[0]%/*}/envtest-recipe.sh
    hash=$(sha256sum <"$recipe")
    printf '%s\n' "${XDG_CACHE_HOME:-${HOME:?}/.cache}/tallygate/envtest/$RECIPE_KUBERNETES-${hash:0:12}"
}

assets_complete() {
    local name
    for name in "${RECIPE_BINARIES[@]}"; do
        [[ -x $1/$name ]] || return 1
    done
}

# assets_build CACHE: builds beside the cache and renames, so that a folder of that name is always whole.
# A second caller waits for the first one's build.
assets_build() {
    local cache=$1 parent=${1%/*}
    local available_kb lock=$parent/lock
    mkdir -p "$parent"
    if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null || [[ ! -r $RECIPE_KEYRING ]]; then
        say "envtest: the test API server is built from Debian's archive, and this system lacks apt-get, dpkg-deb or" \
            "$RECIPE_KEYRING; set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl instead"
        return 1
    fi
    (
        flock --nonblock 9 || {
            say "envtest: waiting for another build to end ($lock)"
            flock 9
        }
        ! assets_complete "$cache" || exit 0

        # Left by builds that were killed; nobody else can be building now.
        rm -rf -- "$parent"/building.*
        available_kb=$(df --output=avail -k "$parent" | tail -n 1)
        ((available_kb > RECIPE_SPACE_KB)) || {
            say "envtest: the build needs $((RECIPE_SPACE_KB / 1024 / 1024)) GB free under $parent"
            exit 1
        }
        work=$(mktemp -d "$parent/building.XXXXXX")
        # shellcheck disable=SC2064 # The folder as it is now.
        trap "rm -rf -- '$work'" EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
        recipe_build "$work" "$work/out" || exit 1
        assets_complete "$work/out" || {
            say "envtest: the build ended without all of: ${RECIPE_BINARIES[*]}"
            exit 1
        }
        rm -rf -- "$cache"
        mv -T -- "$work/out" "$cache"
        say "envtest: built into $cache"
    ) 9>"$lock"
}
