/*
title = "No customer-managed KMS key is waiting for deletion"
severity = "critical"
duty = "data.key-management"
why = """\
When the key is gone, everything encrypted under it is lost for ever; the waiting time is the \
last chance to notice."""
fix = """
aws kms cancel-key-deletion --key-id KEY_ID
aws kms enable-key --key-id KEY_ID
"""
[controls]
aws-fsbp = ["KMS.3"]
nist-800-53-r5 = ["SC-12", "SC-12(2)"]
*/
select
  k.arn as resource,
  k.key_state not in ('PendingDeletion', 'PendingReplicaDeletion') as ok,
  case
    when k.key_state in ('PendingDeletion', 'PendingReplicaDeletion')
      then 'it will be deleted on ' || substr(cast(k.deletion_date as varchar), 1, 10)
    else 'its state is ' || k.key_state
  end as reason
from kms_key k
where k.key_manager = 'CUSTOMER'
