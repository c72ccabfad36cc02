/// The built-in policy as a user would write it: where to start from. A test holds it to `Policy.builtIn`.
package enum BuiltInPolicyText {
    package static let yaml = """
        apiVersion: tallygate.io/v1alpha1
        kind: AttributionPolicy
        metadata: {name: built-in}
        spec:
          mode: warn
          subjects: [workloads, namespaces]
          labels:
          - key: team
            level: required
            aliases: [owner-team, app.kubernetes.io/team]
            values: {normalize: lowercase}
            defaultFrom: [owner, namespace]
            tag: Team
          - key: cost-center
            level: required
            aliases: [costCenter, cost_center]
            defaultFrom: [owner, namespace]
            tag: CostCenter
          - key: environment
            level: required
            values:
              oneOf: [production, staging, development]
              synonyms: {prod: production, stage: staging, dev: development}
            defaultFrom: [owner, namespace]
            tag: Environment
          - {key: project, level: recommended, tag: Project}
          - {key: model, level: recommended, requiredWhen: {gpu: true}}
          - {key: workload-type, level: recommended, values: {oneOf: [training, inference, batch, notebook]}}
          exclude: {namespaces: [kube-system, kube-public, kube-node-lease]}

        """
}
