/*
title = "Web ACLs block rather than count"
severity = "high"
duty = "application.edge-protection"
why = "Rules in count mode note the attack and let it through; they are meant for trying a rule out, and are often left so."
fix = """
aws wafv2 get-web-acl --scope REGIONAL --name NAME --id ID > acl.json
# Set the action of the rules that only count to Block, or "OverrideAction": {"None": {}} for rule groups.
aws wafv2 update-web-acl --scope REGIONAL --name NAME --id ID --lock-token TOKEN --cli-input-json file://acl.json
"""
[controls]
nist-800-53-r5 = ["SC-7", "SI-10"]
*/
select
  x.arn as resource,
  x.default_action_blocks or x.stopping_rule_count > 0 as ok,
  case
    when x.stopping_rule_count > 0
      then cast(x.stopping_rule_count as varchar) || ' rule(s) stop requests'
    when x.default_action_blocks then 'what no rule allows is blocked'
    when x.rule_count > 0 then 'its rules only count or allow'
    else 'it has no rules'
  end as reason
from wafv2_web_acl x
