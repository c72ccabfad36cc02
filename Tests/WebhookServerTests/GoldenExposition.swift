/// What `MetricsTests.golden` expects: names, labels and texts here are an interface, dashboards depend on them.
let goldenExposition = #"""
    # HELP tallygate_admission_duration_seconds Time from a complete request to its answer.
    # TYPE tallygate_admission_duration_seconds histogram
    tallygate_admission_duration_seconds_bucket{le="1e-05"} 0
    tallygate_admission_duration_seconds_bucket{le="2.5e-05"} 0
    tallygate_admission_duration_seconds_bucket{le="5e-05"} 1
    tallygate_admission_duration_seconds_bucket{le="0.0001"} 1
    tallygate_admission_duration_seconds_bucket{le="0.00025"} 1
    tallygate_admission_duration_seconds_bucket{le="0.0005"} 1
    tallygate_admission_duration_seconds_bucket{le="0.001"} 1
    tallygate_admission_duration_seconds_bucket{le="0.0025"} 2
    tallygate_admission_duration_seconds_bucket{le="0.005"} 2
    tallygate_admission_duration_seconds_bucket{le="0.01"} 2
    tallygate_admission_duration_seconds_bucket{le="0.025"} 2
    tallygate_admission_duration_seconds_bucket{le="0.05"} 2
    tallygate_admission_duration_seconds_bucket{le="0.1"} 2
    tallygate_admission_duration_seconds_bucket{le="0.25"} 2
    tallygate_admission_duration_seconds_bucket{le="1"} 2
    tallygate_admission_duration_seconds_bucket{le="5"} 2
    tallygate_admission_duration_seconds_bucket{le="30"} 2
    tallygate_admission_duration_seconds_bucket{le="+Inf"} 3
    tallygate_admission_duration_seconds_sum 100.00204
    tallygate_admission_duration_seconds_count 3
    # HELP tallygate_admission_gaps_total Gaps found in admitted and denied objects, by label and reason.
    # TYPE tallygate_admission_gaps_total counter
    tallygate_admission_gaps_total{label="cost-center",reason="invalid-value"} 1
    tallygate_admission_gaps_total{label="team",reason="missing"} 2
    # HELP tallygate_admission_requests_total Admission requests decided, by operation, kind, decision and the mode they were judged in.
    # TYPE tallygate_admission_requests_total counter
    tallygate_admission_requests_total{operation="CREATE",kind="Pod",decision="deny",mode="enforce"} 2
    tallygate_admission_requests_total{operation="UPDATE",kind="other",decision="allow",mode="none"} 1
    # HELP tallygate_build_info The version that runs, what it was built with, and its TLS library.
    # TYPE tallygate_build_info gauge
    tallygate_build_info{openssl="OpenSSL 3.0.17",toolchain="Swift 6.3",version="0.1.0"} 1
    # HELP tallygate_cache_age_seconds Time since a cache was last in touch with the API server.
    # TYPE tallygate_cache_age_seconds gauge
    tallygate_cache_age_seconds{resource="namespaces"} 1.5
    # HELP tallygate_certificate_expiry_timestamp_seconds When the certificate served, and the CA it came with, expire, in seconds since 1970.
    # TYPE tallygate_certificate_expiry_timestamp_seconds gauge
    tallygate_certificate_expiry_timestamp_seconds{certificate="leaf"} 1800000000
    # HELP tallygate_certificate_reload_failures_total Changed certificate files that could not be used; the last good pair stayed.
    # TYPE tallygate_certificate_reload_failures_total counter
    tallygate_certificate_reload_failures_total 0
    # HELP tallygate_certificate_source Where the certificate comes from: a Secret that is followed, or files.
    # TYPE tallygate_certificate_source gauge
    tallygate_certificate_source{source="secret"} 1
    # HELP tallygate_connections Open connections of the webhook listener.
    # TYPE tallygate_connections gauge
    tallygate_connections 1
    # HELP tallygate_connections_evicted_total Connections closed for want of room, though nothing was wrong with them.
    # TYPE tallygate_connections_evicted_total counter
    tallygate_connections_evicted_total 0
    # HELP tallygate_handshake_failures_total Connections of the webhook listener that failed before their first request: TLS handshakes, mostly.
    # TYPE tallygate_handshake_failures_total counter
    tallygate_handshake_failures_total 0
    # HELP tallygate_http_requests_total Answers of the webhook listener, by HTTP status code.
    # TYPE tallygate_http_requests_total counter
    tallygate_http_requests_total{code="200"} 1
    tallygate_http_requests_total{code="400"} 0
    tallygate_http_requests_total{code="404"} 0
    tallygate_http_requests_total{code="405"} 0
    tallygate_http_requests_total{code="408"} 0
    tallygate_http_requests_total{code="413"} 1
    tallygate_http_requests_total{code="415"} 0
    tallygate_http_requests_total{code="417"} 0
    tallygate_http_requests_total{code="431"} 0
    tallygate_http_requests_total{code="500"} 0
    tallygate_http_requests_total{code="501"} 0
    tallygate_http_requests_total{code="503"} 0
    tallygate_http_requests_total{code="505"} 0
    # HELP tallygate_live_lookups_total Requests to the API server for what a cache lacked, by what was asked for and what came of it.
    # TYPE tallygate_live_lookups_total counter
    tallygate_live_lookups_total{subject="namespace",result="found"} 0
    tallygate_live_lookups_total{subject="namespace",result="absent"} 0
    tallygate_live_lookups_total{subject="namespace",result="forbidden"} 0
    tallygate_live_lookups_total{subject="namespace",result="unanswered"} 0
    tallygate_live_lookups_total{subject="owner",result="found"} 0
    tallygate_live_lookups_total{subject="owner",result="absent"} 1
    tallygate_live_lookups_total{subject="owner",result="forbidden"} 0
    tallygate_live_lookups_total{subject="owner",result="unanswered"} 0
    # HELP tallygate_policy_info The policy in force, by the hash of its documents.
    # TYPE tallygate_policy_info gauge
    tallygate_policy_info{hash="sha256:ab\"c\\d\ne"} 1
    # HELP tallygate_policy_reload_failures_total Changed policies that could not be used; the last good policy stayed.
    # TYPE tallygate_policy_reload_failures_total counter
    tallygate_policy_reload_failures_total 0
    # HELP tallygate_self_probe_failures_total Times the gate could not be asked through its Service with the published CA bundle.
    # TYPE tallygate_self_probe_failures_total counter
    tallygate_self_probe_failures_total 0
    # HELP tallygate_self_probe_success Whether the gate could be asked through its Service with the published CA bundle, the last time.
    # TYPE tallygate_self_probe_success gauge
    # HELP tallygate_self_probe_timestamp_seconds When the gate was last asked through its Service, in seconds since 1970.
    # TYPE tallygate_self_probe_timestamp_seconds gauge
    # HELP tallygate_watch_failures_total Lists and watches of the API server that failed, by reason.
    # TYPE tallygate_watch_failures_total counter
    tallygate_watch_failures_total{reason="cut"} 0
    tallygate_watch_failures_total{reason="expired"} 1

    """#
