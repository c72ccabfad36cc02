# shellcheck shell=bash
# The files a test API server needs: certificates and keys, the audit policy, kubeconfigs.

# server_certificates DIR: one authority under DIR/tls, made anew at every start; valid for two days.
server_certificates() {
    local tls=$1/tls
    rm -rf -- "$tls"
    mkdir -p -- "$tls"
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 -subj "/CN=tallygate-envtest" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
            -keyout "$tls/ca.key" -out "$tls/ca.crt" &&
            server_leaf "$tls" server /CN=kube-apiserver serverAuth \
                IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc &&
            server_leaf "$tls" admin /O=system:masters/CN=envtest-admin clientAuth &&
            server_leaf "$tls" controllers /O=system:masters/CN=system:kube-controller-manager clientAuth &&
            openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$tls/service-account.key" &&
            openssl pkey -in "$tls/service-account.key" -pubout -out "$tls/service-account.pub"
    } >"$tls/openssl.log" 2>&1 </dev/null || {
        cat -- "$tls/openssl.log" >&2
        return 1
    }
}

# server_leaf TLS NAME SUBJECT USAGE [ALTERNATIVE-NAMES]
server_leaf() {
    local tls=$1 name=$2 subject=$3 usage=$4 names=${5:-}
    openssl req -x509 -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
        -days 2 -subj "$subject" -addext basicConstraints=critical,CA:FALSE \
        -addext keyUsage=critical,digitalSignature -addext "extendedKeyUsage=$usage" \
        ${names:+-addext "subjectAltName=$names"} -keyout "$tls/$name.key" -out "$tls/$name.crt"
}

# Every request once, when it is answered, without bodies: enough to count requests and to see which webhook
# patched or annotated what. The API server's own traffic and the polling for readiness are left out.
server_audit_policy() {
    cat <<'POLICY'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, users: ["system:apiserver"]}
- {level: None, nonResourceURLs: ["/readyz*", "/livez*", "/healthz*", "/version*", "/openapi*", "/api", "/api/*", "/apis", "/apis/*"]}
- {level: Metadata}
POLICY
}

# server_kubeconfig DIR USER PORT: prints a kubeconfig with everything in it, so that it can be copied about.
server_kubeconfig() {
    local tls=$1/tls user=$2 port=$3
    cat <<CONFIG
apiVersion: v1
kind: Config
clusters:
- name: envtest
  cluster:
    server: https://127.0.0.1:$port
    certificate-authority-data: $(base64 -w0 "$tls/ca.crt")
users:
- name: $user
  user:
    client-certificate-data: $(base64 -w0 "$tls/$user.crt")
    client-key-data: $(base64 -w0 "$tls/$user.key")
contexts:
- name: envtest
  context: {cluster: envtest, user: $user}
current-context: envtest
CONFIG
}

# server_kubectl DIR ASSETS: DIR/kubectl talks to this server and keeps its cache under DIR. The kubectl of the
# same version comes first: a newer one needs --validate=false against an old server.
server_kubectl() {
    local dir=$1 assets=$2 kubectl=$2/kubectl
    [[ -x $kubectl ]] || kubectl=$(command -v kubectl) || {
        say "envtest: neither $assets nor PATH has a kubectl (Debian: apt-get install kubernetes-client)"
        return 1
    }
    printf '#!/usr/bin/env bash\nexec %q --kubeconfig %q --cache-dir %q "$@"\n' \
        "$kubectl" "$dir/kubeconfig" "$dir/kubectl-cache" >"$dir/kubectl"
    chmod 0755 "$dir/kubectl"
    # The bare one under its own name, for a PATH.
    mkdir -p -- "$dir/bin"
    ln -sf -- "$kubectl" "$dir/bin/kubectl"
}
