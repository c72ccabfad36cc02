# An EKS node group whose cost the bill can name. Tags of the node group stay on the node group: they reach neither its
# Auto Scaling group nor its instances. What Cost Explorer sees is what the launch template puts on instances and on
# volumes, and only once the tag keys are activated in billing.

locals {
  cost_tags = {
    Team        = "ml-platform"
    CostCenter  = "product"
    Environment = "production"
    Project     = "recommendation-engine"
  }
}

resource "aws_launch_template" "gpu" {
  name_prefix            = "gpu-"
  update_default_version = true

  # One block for each kind of resource: volumes do not inherit from instances.
  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])
    content {
      resource_type = tag_specifications.value
      tags          = local.cost_tags
    }
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_eks_node_group" "gpu" {
  cluster_name    = var.cluster_name
  node_group_name = "gpu"
  node_role_arn   = var.node_role_arn
  subnet_ids      = var.subnet_ids
  instance_types  = ["g5.xlarge"]

  launch_template {
    id      = aws_launch_template.gpu.id
    version = aws_launch_template.gpu.latest_version
  }

  scaling_config {
    min_size     = 0
    desired_size = 1
    max_size     = 4
  }

  # Node labels, in the policy's words: what runs here without labels of its own can still be told apart.
  labels = {
    "team"        = "ml-platform"
    "cost-center" = "product"
    "environment" = "production"
  }

  tags = local.cost_tags

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }
}

# Activation, once for each key in the payer account; the bill knows tags from that day on.
resource "aws_ce_cost_allocation_tag" "cost" {
  for_each = local.cost_tags
  tag_key  = each.key
  status   = "Active"
}

variable "cluster_name" { type = string }
variable "node_role_arn" { type = string }
variable "subnet_ids" { type = list(string) }
