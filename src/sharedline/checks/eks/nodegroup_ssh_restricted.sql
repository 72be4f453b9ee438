/*
title = "SSH to EKS nodes is limited to named security groups"
severity = "high"
duty = "network.firewalls"
why = "A node group with an SSH key and no source groups opens port 22 of every node to the whole internet."
fix = """
# Remote access cannot be changed: make a new node group without a key (Systems Manager opens shells without one), move over, delete.
aws eks create-nodegroup --cluster-name CLUSTER --nodegroup-name NEW --subnets SUBNETS --node-role ROLE
aws eks delete-nodegroup --cluster-name CLUSTER --nodegroup-name OLD
"""
[controls]
nist-800-53-r5 = ["SC-7", "AC-17"]
*/
select
  n.arn as resource,
  n.remote_access_ec2_ssh_key = '' or n.remote_access_source_count > 0 as ok,
  case
    when n.remote_access_ec2_ssh_key = '' then 'no SSH key is installed'
    when n.remote_access_source_count > 0 then 'SSH is limited to named security groups'
    else 'SSH with key ' || n.remote_access_ec2_ssh_key || ' is open to everybody'
  end as reason
from eks_nodegroup n
