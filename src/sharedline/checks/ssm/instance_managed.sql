/*
title = "EC2 instances are managed by Systems Manager"
severity = "medium"
duty = "compute.guest-patching"
why = "AWS patches nothing inside an instance. Outside Systems Manager nobody can patch it, or even see that it is unpatched, from one place."
fix = """
# Give the account's instances a role without touching each one, then look whether it is listed:
aws ssm update-service-setting --setting-value AWSSystemsManagerDefaultEC2InstanceManagementRole \\
  --setting-id arn:aws:ssm:REGION:ACCOUNT:servicesetting/ssm/managed-instance/default-ec2-instance-management-role
aws ssm describe-instance-information --filters Key=InstanceIds,Values=INSTANCE
"""
[controls]
aws-fsbp = ["SSM.1"]
nist-800-53-r5 = ["CM-8", "SI-2(3)"]
*/
-- A running instance must answer; a stopped one only has to be known. Instances that AWS operates
-- itself (EKS Auto Mode) are not managed by you.
select
  i.arn as resource,
  case
    when i.state = 'running' and m.arn is not null then m.ping_status = 'Online'
    else m.arn is not null
  end as ok,
  case
    when m.arn is null then 'Systems Manager does not know the instance'
    when i.state = 'running' and m.ping_status <> 'Online'
      then 'the instance runs but does not answer Systems Manager: ' || m.ping_status
    else 'managed, last seen ' || m.ping_status
  end as reason
from ec2_instance i
left join ssm_managed_instance m
  on m.account_id = i.account_id and m.region = i.region and m.instance_id = i.instance_id
where (i.state is null or i.state in ('running', 'stopped'))
  and (i.operator_managed is null or not i.operator_managed)
