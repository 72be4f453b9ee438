/*
title = "ElastiCache clusters use a subnet group of their own"
severity = "high"
duty = "network.segmentation"
why = "The default group holds all subnets of the default VPC, public ones among them."
fix = """
aws elasticache create-cache-subnet-group --cache-subnet-group-name NAME \\
  --cache-subnet-group-description TEXT --subnet-ids PRIVATE_SUBNETS   # then create the cluster in it
"""
[controls]
aws-fsbp = ["ElastiCache.7"]
nist-800-53-r5 = ["SC-7", "AC-4"]
*/
select
  c.arn as resource,
  c.cache_subnet_group_name <> 'default' as ok,
  'its subnet group is ' || c.cache_subnet_group_name as reason
from elasticache_cache_cluster c
