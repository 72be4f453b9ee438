/*
title = "Web ACLs have rules"
severity = "medium"
duty = "application.edge-protection"
why = "A web ACL without rules inspects nothing and looks like protection."
fix = """
aws wafv2 get-web-acl --scope REGIONAL --name NAME --id ID > acl.json
# Add rules, for a start the managed rule group AWSManagedRulesCommonRuleSet.
aws wafv2 update-web-acl --scope REGIONAL --name NAME --id ID --lock-token TOKEN --cli-input-json file://acl.json
"""
[controls]
aws-fsbp = ["WAF.10"]
nist-800-53-r5 = ["CM-2", "SC-7"]
*/
select
  x.arn as resource,
  x.rule_count > 0 as ok,
  'it has ' || cast(x.rule_count as varchar) || ' rule(s)' as reason
from wafv2_web_acl x
