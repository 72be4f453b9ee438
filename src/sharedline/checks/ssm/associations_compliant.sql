/*
title = "State Manager associations of managed nodes are compliant"
severity = "low"
duty = "configuration.baseline"
why = "An association is the state that somebody decided a machine must have; when it fails, the machine has drifted from it and keeps drifting."
fix = """
aws ssm list-compliance-items --resource-ids INSTANCE --filters Key=ComplianceType,Values=Association
aws ssm start-associations-once --association-ids ASSOCIATION
"""
[controls]
aws-fsbp = ["SSM.3"]
nist-800-53-r5 = ["CM-2", "CM-6"]
*/
select
  c.arn as resource,
  c.status = 'COMPLIANT' as ok,
  case
    when c.status = 'COMPLIANT' then 'every association is compliant'
    else 'associations that are not compliant: ' || c.non_compliant_count
  end as reason
from ssm_resource_compliance c
where c.compliance_type is null or c.compliance_type = 'Association'
