#!/bin/sh
# Fixes of prod-eu-1: 11 steps for 11 findings
# 2026-11-21 10:30 UTC, policy cost-attribution
# The dearest come first. Lines that need a value, or that restart Pods, and those that cannot be undone, are commented out.

# 1. research/JobSet/llm-pretrain: $3,285 a month, required, 1 finding
#    cost label team: unregistered-value "mlplatform"; did you mean "ml-platform"?
#    billed as environment=development
#    set team: ml-platform in each spec.replicatedJobs[*].template.spec.template.metadata.labels of its manifest
#    the controller of JobSet may restart the Pods

# 2. Namespace/research: $2,920 a month, required, 1 finding
#    cost label team: missing; the namespace could supply it to 1 workload
#    billed as environment=development
#    needs a value: choose one with --set team=VALUE
#    kubectl label --overwrite namespace/research 'team=<team>'

# 3. research/Deployment/notebook: $2,920 a month, required, 1 finding
#    cost label team: missing; registered: ml-platform, payments
#    billed as environment=development
#    starts a rollout: the Pods are replaced
#    needs a value: choose one with --set team=VALUE
#    restarts Pods: to have it done, give --allow-restarts
#    kubectl patch --namespace=research deployment.apps/notebook --type=merge '--patch={"spec":{"template":{"metadata":{"labels":{"team":"<team>"}}}}}'

# 4. shop/CronJob/nightly-export: $876 a month, required, 1 finding
#    cost label cost-center: missing; payments has: checkout; exemption "exports" expired on 2026-10-31
#    billed as team=payments, environment=production
#    takes effect with the next Job; what runs stays as it is
kubectl patch --namespace=shop cronjob.batch/nightly-export --type=merge '--patch={"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"cost-center":"checkout"}}}}}}}'

# 5. Exemption/exports: $876 a month, required, 1 finding
#    exemption "exports" expired on 2026-10-31; 1 workload it matches has a gap
#    billed to nobody
#    mend the workloads, or have jane@example.com renew FIN-123

# 6. NodeGroup/(no group): of unknown cost, required, 1 finding
#    1 node has no price: it has no instance type
#    billed to nobody
#    give it a price in the price list of the policy

# 7. sandbox/Pod/debug: $0 a month, required, 1 finding
#    cost label environment: invalid-value "prd"; did you mean "production"?
#    billed to nobody
kubectl label --overwrite --namespace=sandbox pod/debug environment=production

# 8. research/Deployment/notebook: $2,920 a month, recommended, 1 finding
#    development workload on production node group gpu-a100
#    billed as environment=development
#    move it to a node group of its environment with a node selector, which restarts its Pods

# 9. shop/PersistentVolumeClaim/old-data: $73 a month, recommended, 1 finding
#    no Pod mounts the volume (100 GiB, gp3)
#    billed as team=payments
#    delete the claim if its data is not needed: kubectl delete --namespace=shop pvc/old-data

# 10. NodeGroup/gpu-a100: $0 a month, recommended, 1 finding
#    node group gpu-a100: 1 of 1 nodes has no team
#    billed to nobody
#    needs a value: choose one with --set team=VALUE
#    aws eks update-nodegroup-config '--cluster-name=<cluster>' --nodegroup-name=gpu-a100 '--labels=addOrUpdateLabels={team=<team>}'

# 11. research/StatefulSet/=weird,"name": $0 a month, recommended, 1 finding
#    cost label project: missing
#    billed to nobody
#    no command is given for an object with such a name: set project: <project> by hand
#    starts a rollout: the Pods are replaced
#    needs a value: choose one with --set project=VALUE
