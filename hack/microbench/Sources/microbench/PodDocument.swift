/// AdmissionReviews of Pods as the API server sends them: compact, short strings, few numbers, a managedFields list.
enum PodDocument {
    /// A review of at least `size` bytes: the Pod gets containers until it is big enough.
    static func review(size: Int) -> [UInt8] {
        var containers = container(0)
        var next = 1
        while containers.utf8.count + frameSize < size {
            containers += "," + container(next)
            next += 1
        }
        return Array((head + containers + tail).utf8)
    }

    private static let frameSize = head.utf8.count + tail.utf8.count

    private static let head = """
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"0f3cbb2c-5ab9-4f0e-8d6c-\
        1c3a5d2e7f90","kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1",\
        "resource":"pods"},"requestKind":{"group":"","version":"v1","kind":"Pod"},"requestResource":{"group":"",\
        "version":"v1","resource":"pods"},"name":"trainer-6f7d9c5b8-x2v4q","namespace":"ml-research","operation":\
        "CREATE","userInfo":{"username":"system:serviceaccount:kube-system:replicaset-controller","uid":\
        "7b0d7d0e-8c5e-4f1b-9f57-5a5d7d1e0c11","groups":["system:serviceaccounts",\
        "system:serviceaccounts:kube-system","system:authenticated"]},"object":{"kind":"Pod","apiVersion":"v1",\
        "metadata":{"generateName":"trainer-6f7d9c5b8-","namespace":"ml-research","creationTimestamp":null,"labels":\
        {"app.kubernetes.io/name":"trainer","app.kubernetes.io/instance":"trainer","pod-template-hash":"6f7d9c5b8",\
        "environment":"production","team":"ml-platform"},"annotations":{"prometheus.io/scrape":"true",\
        "prometheus.io/port":"9090","kubectl.kubernetes.io/last-applied-configuration":"{\\"apiVersion\\":\\"v1\\",\
        \\"kind\\":\\"Pod\\",\\"metadata\\":{\\"annotations\\":{},\\"labels\\":{\\"team\\":\\"ml-platform\\"}}}\\n"},\
        "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"trainer-6f7d9c5b8","uid":\
        "c1a4b7f2-12f5-4a86-a0d3-5e6ce9a0b111","controller":true,"blockOwnerDeletion":true}],"managedFields":[{\
        "manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2026-03-01T10:00:00Z",\
        "fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:team":{}},\
        "f:ownerReferences":{".":{},"k:{\\"uid\\":\\"c1a4b7f2-12f5-4a86-a0d3-5e6ce9a0b111\\"}":{}}},"f:spec":{\
        "f:containers":{"k:{\\"name\\":\\"main\\"}":{".":{},"f:image":{},"f:name":{}}},"f:dnsPolicy":{}}}}]},\
        "spec":{"volumes":[{"name":"config","configMap":{"name":"trainer","defaultMode":420}},{"name":\
        "kube-api-access-7xkqv","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":\
        "token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}}],\
        "defaultMode":420}}],"containers":[
        """

    private static func container(_ index: Int) -> String {
        """
        {"name":"worker-\(index)","image":"registry.example.com/ml/trainer:v1.\(index)","args":["--config=/etc/\
        trainer/config.yaml","--rank","\(index)"],"ports":[{"name":"metrics","containerPort":9090,"protocol":"TCP"}],\
        "env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}},{"name":\
        "LOG_LEVEL","value":"info"},{"name":"CHECKPOINT_DIR","value":"/data/checkpoints"}],"resources":{"limits":{\
        "cpu":"4","memory":"16Gi","nvidia.com/gpu":"1"},"requests":{"cpu":"2","memory":"8Gi","nvidia.com/gpu":"1"}},\
        "volumeMounts":[{"name":"config","mountPath":"/etc/trainer"},{"name":"kube-api-access-7xkqv","readOnly":true,\
        "mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"livenessProbe":{"httpGet":{"path":"/healthz",\
        "port":9090,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},\
        "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":\
        "IfNotPresent","securityContext":{"capabilities":{"drop":["ALL"]},"allowPrivilegeEscalation":false}}
        """
    }

    private static let tail = """
        ],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":\
        "trainer","serviceAccount":"trainer","securityContext":{"runAsNonRoot":true},"schedulerName":\
        "default-scheduler","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":\
        "NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":\
        "NoExecute","tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":\
        "PreemptLowerPriority"},"status":{}},"oldObject":null,"dryRun":false,"options":{"kind":"CreateOptions",\
        "apiVersion":"meta.k8s.io/v1"}}}
        """
}
