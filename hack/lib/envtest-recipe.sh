# shellcheck shell=bash
# shellcheck disable=SC2034 # What is defined here is used by envtest-assets.sh.
# How the test binaries are made from Debian's archive. The cache is keyed by the hash of this file: a
# change here, and only here, makes everybody build anew.
#
# Everything comes from Debian 12's own archive through apt, checked by its signatures, and is unpacked in a
# temporary folder: nothing is installed, so no root is needed and no etcd is started as a service.

readonly RECIPE_SUITE=bookworm
readonly RECIPE_KUBERNETES=1.20.2
readonly RECIPE_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly RECIPE_MIRROR=http://deb.debian.org/debian
# etcd and kubectl ready made; Go and the one library to build the rest.
readonly -a RECIPE_PACKAGES=(
    etcd-server kubernetes-client golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev
)
# Sources, the build cache and the result together take 4 GB.
readonly RECIPE_SPACE_KB=$((5 * 1024 * 1024))
# What a finished folder holds.
readonly -a RECIPE_BINARIES=(etcd kubectl kube-apiserver kube-controller-manager agnhost)

# recipe_build WORK OUT: fills OUT with RECIPE_BINARIES, using WORK as scratch space (about 3 GB).
# Takes about six minutes of CPU on two cores; runs niced, as whoever waits for it wants to go on working.
recipe_build() {
    local work=$1 out=$2
    mkdir -p "$work" "$out"
    recipe_apt_setup "$work/apt"
    say "envtest: fetching the sources of Kubernetes $RECIPE_KUBERNETES, Go and etcd from Debian"
    quietly "fetching the package lists" recipe_fetch_lists "$work/apt" || return 1
    quietly "fetching the packages" recipe_fetch "$work/apt" "$work/downloads" || return 1
    say "envtest: unpacking"
    quietly "unpacking" recipe_unpack "$work/downloads" "$work" || return 1
    say "envtest: building kube-apiserver, kube-controller-manager and agnhost, once: about 5 minutes"
    quietly "building Kubernetes" recipe_compile "$work" "$out" || return 1
    cp -- "$work/root/usr/bin/etcd" "$work/root/usr/bin/kubectl" "$out/" || return 1
    chmod 0755 "$out"/*
}

# An apt configuration of our own: its lists and caches are not the system's, which stay as they are. The
# system's download settings (proxies, retries) are carried over, its hooks are not.
recipe_apt_setup() {
    local apt=$1 mirror
    mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
    # A mirror configured for Debian 12 is nearer than the default one.
    # shellcheck disable=SC2016 # The $(…) are apt's own.
    mirror=$(apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(COMPONENT) $(REPO_URI)' 2>/dev/null |
        awk -v suite="$RECIPE_SUITE" '$1 == "Packages" && $2 == suite && $3 == "main" { print $4; exit }') || true
    {
        apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https|ftp|Retries|Check-|ForceIPv)' || true
        printf '%s "%s";\n' \
            Dir::Etc::main /dev/null Dir::Etc::parts "$apt/parts" \
            Dir::Etc::sourcelist /dev/null Dir::Etc::sourceparts "$apt/parts" \
            Dir::State::lists "$apt/lists" Dir::Cache "$apt/cache" \
            Acquire::Languages none Acquire::Retries 3 APT::Sandbox::User "$(id -un)"
    } >"$apt/apt.conf"
    cat >"$apt/parts/recipe.sources" <<SOURCES
Types: deb deb-src
URIs: ${mirror:-$RECIPE_MIRROR}
Suites: $RECIPE_SUITE
Components: main
Signed-By: $RECIPE_KEYRING
SOURCES
}

recipe_fetch_lists() {
    APT_CONFIG=$1/apt.conf apt-get update --error-on=any
}

recipe_fetch() {
    local apt=$1 downloads=$2
    mkdir -p "$downloads"
    (
        export APT_CONFIG=$apt/apt.conf
        cd "$downloads" &&
            apt-get download "${RECIPE_PACKAGES[@]}" &&
            apt-get source --download-only kubernetes
    )
}

# GOPATH's layout, which is what Kubernetes 1.20 and its code generator expect.
recipe_unpack() {
    local downloads=$1 work=$2 deb source=$2/gopath/src/k8s.io/kubernetes reflect2
    for deb in "$downloads"/*.deb; do
        dpkg-deb --extract "$deb" "$work/root" || return 1
    done
    mkdir -p "$source"
    tar -xzf "$downloads"/kubernetes_*"$RECIPE_KUBERNETES".orig.tar.gz -C "$source" --strip-components=1 || return 1

    # The vendored reflect2 reaches into Go's map layout and crashes under Go 1.18 and later
    # ("fatal error: fault" in mapiterinit); Debian's 1.0.2 does not.
    reflect2=github.com/modern-go/reflect2
    rm -rf -- "${source:?}/vendor/$reflect2"
    cp -r -- "$work/root/usr/share/gocode/src/$reflect2" "$source/vendor/$reflect2" || return 1

    # agnhost listens on every interface; ours has no business outside this machine.
    sed -i 's|fmt.Sprintf(":%d", port)|fmt.Sprintf("127.0.0.1:%d", port)|' "$source/test/images/agnhost/webhook/main.go"
    grep -q '"127.0.0.1:%d"' "$source/test/images/agnhost/webhook/main.go"
}

recipe_compile() {
    local work=$1 out=$2 module=k8s.io/kubernetes stamp
    local source=$work/gopath/src/$module
    stamp="-X $module/vendor/k8s.io/component-base/version.gitVersion=v$RECIPE_KUBERNETES"
    stamp+=" -X $module/vendor/k8s.io/client-go/pkg/version.gitVersion=v$RECIPE_KUBERNETES"
    stamp+=" -X $module/vendor/k8s.io/component-base/version.gitMajor=1"
    stamp+=" -X $module/vendor/k8s.io/component-base/version.gitMinor=20"
    (
        # Joined by &&, not left to `set -e`: that does nothing under a caller's `||`.
        export GOROOT=$work/root/usr/lib/go-1.19 GOPATH=$work/gopath GOCACHE=$work/gocache GOTMPDIR=$work
        export GO111MODULE=off GOPROXY=off GOFLAGS='' CGO_ENABLED=0 GOENV=off
        export PATH=$GOROOT/bin:$PATH
        # The one generated file that the source package lacks is the API's OpenAPI description. Built
        # directly: Kubernetes' own make adds only the search for what to generate, and needs make and rsync.
        cd "$source" &&
            nice -n 19 go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen &&
            nice -n 19 "$work/openapi-gen" --logtostderr -i "$(recipe_openapi_packages "$module")" \
                -p "$module/pkg/generated/openapi" -O zz_generated.openapi \
                -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/openapi-violations" &&
            nice -n 19 go build -trimpath -ldflags "-s -w $stamp" -o "$out/" \
                ./cmd/kube-apiserver ./cmd/kube-controller-manager ./test/images/agnhost
    )
}

# The packages that ask for an OpenAPI description, as import paths joined by commas. Runs in the source tree.
recipe_openapi_packages() {
    local tag='^// *+k8s:openapi-gen='
    {
        grep -rl --include='*.go' "$tag" cmd pkg plugin
        grep -rl --include='*.go' --exclude-dir=code-generator --exclude-dir=sample-apiserver "$tag" \
            staging/src/k8s.io | sed 's,^staging/src/,vendor/,'
    } | xargs -n1 dirname | LC_ALL=C sort -u | sed "s,^,$1/," | paste -sd,
}
