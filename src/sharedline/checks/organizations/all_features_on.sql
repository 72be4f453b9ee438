/*
title = "The organization has all features on"
severity = "medium"
duty = "configuration.baseline"
why = "With consolidated billing alone no guardrail can be set: a member account may do whatever its administrators like."
fix = """
aws organizations enable-all-features    # every member must then accept the handshake
"""
[controls]
nist-800-53-r5 = ["AC-6", "CM-2"]
*/
select
  o.arn as resource,
  o.feature_set = 'ALL' as ok,
  'the feature set is ' || o.feature_set as reason
from organizations_organization o
where o.master_account_id = o.account_id
