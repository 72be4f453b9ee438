/*
title = "RDS for MariaDB refuses connections without TLS"
severity = "medium"
duty = "data.encryption-in-transit"
why = "Unless the server insists, a client may log in and read data without TLS, in the clear."
fix = """
aws rds modify-db-parameter-group --db-parameter-group-name GROUP \\
  --parameters "ParameterName=require_secure_transport,ParameterValue=1,ApplyMethod=immediate"
"""
[controls]
aws-fsbp = ["RDS.44"]
nist-800-53-r5 = ["SC-8", "SC-8(1)"]
*/
with forced as (
  select p.db_parameter_group_name, p.account_id, p.region, min(lower(p.parameter_value)) as setting
  from rds_parameter p
  where p.parameter_name = 'require_secure_transport'
  group by p.db_parameter_group_name, p.account_id, p.region
)
select
  i.arn as resource,
  case
    when i.db_parameter_group_name is null then null
    when f.setting in ('1', 'on', 'true') then i.parameter_apply_status = 'in-sync'
    when f.setting in ('0', 'off', 'false') then false
    else false
  end as ok,
  case
    when f.setting in ('0', 'off', 'false') then 'require_secure_transport is off in ' || i.db_parameter_group_name
    when f.setting in ('1', 'on', 'true')
      then 'require_secure_transport is on in ' || i.db_parameter_group_name || ', ' || coalesce(i.parameter_apply_status, 'applied')
    else i.db_parameter_group_name || ' leaves require_secure_transport to the engine'
  end as reason
from rds_instance i
left join forced f
  on f.db_parameter_group_name = i.db_parameter_group_name
  and f.account_id = i.account_id
  and f.region = i.region
where i.engine = 'mariadb'
  and i.db_cluster_identifier = ''
  and i.engine_version not like '10.0%'
  and i.engine_version not like '10.1.%'
  and i.engine_version not like '10.2.%'
  and i.engine_version not like '10.3.%'
  and i.engine_version not like '10.4.%'
