/*
title = "Instances are not left stopped"
severity = "medium"
duty = "configuration.baseline"
why = "A stopped machine is not patched; when somebody starts it again, it comes back with every flaw found since."
fix = """
aws ec2 create-image --instance-id INSTANCE_ID --name KEEP_IF_NEEDED
aws ec2 terminate-instances --instance-ids INSTANCE_ID
"""
[controls]
aws-fsbp = ["EC2.4"]
nist-800-53-r5 = ["CM-2", "CM-2(2)"]
[params]
max_days = 30
*/
select
  i.arn as resource,
  case
    when i.state <> 'stopped' then true
    when i.stopped_at is not null then i.stopped_at >= scan.as_of - interval '1' day * $max_days
    when i.state = 'stopped' then i.launch_time >= scan.as_of - interval '1' day * $max_days
  end as ok,
  case
    when i.state <> 'stopped' then 'its state is ' || i.state
    when i.stopped_at is not null
      then 'stopped since ' || cast(cast(i.stopped_at as date) as varchar)
    else 'stopped, launched on ' || cast(cast(i.launch_time as date) as varchar)
  end as reason
from ec2_instance i
