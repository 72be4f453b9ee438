/*
title = "Systems Manager documents are not shared with everybody"
severity = "critical"
duty = "data.exposure"
why = "A public document shows every AWS account how your machines are run: scripts, paths, host names, sometimes credentials."
fix = """
aws ssm modify-document-permission --name NAME --permission-type Share --account-ids-to-remove All
"""
[controls]
aws-fsbp = ["SSM.4"]
nist-800-53-r5 = ["AC-3", "AC-21", "SC-7"]
*/
select
  d.arn as resource,
  lower(d.shared_with) not like '%all%' as ok,
  case
    when lower(d.shared_with) like '%all%' then 'it is shared with every AWS account'
    when d.shared_with = '' then 'it is shared with nobody'
    else 'it is shared with ' || d.shared_with
  end as reason
from ssm_document d
