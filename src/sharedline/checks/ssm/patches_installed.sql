/*
title = "Managed nodes have all approved patches installed"
severity = "high"
duty = "compute.guest-patching"
why = "A patch that is approved but missing, failed or waiting for a reboot leaves the hole open that it was approved for."
fix = """
aws ssm send-command --document-name AWS-RunPatchBaseline --instance-ids INSTANCE \\
  --parameters Operation=Install,RebootOption=RebootIfNeeded
"""
[controls]
aws-fsbp = ["SSM.2"]
nist-800-53-r5 = ["SI-2", "SI-2(2)", "CM-8(3)"]
*/
-- Only nodes that Patch Manager has looked at; the others are in ssm/patch_scan_recent.
select
  m.arn as resource,
  m.missing_count + m.failed_count + m.installed_pending_reboot_count
    + m.installed_rejected_count + m.security_non_compliant_count = 0 as ok,
  case
    when m.missing_count + m.failed_count > 0
      then 'patches missing: ' || m.missing_count || ', failed: ' || m.failed_count
    when m.installed_pending_reboot_count > 0
      then 'patches that wait for a reboot: ' || m.installed_pending_reboot_count
    when m.installed_rejected_count > 0
      then 'rejected patches that are installed: ' || m.installed_rejected_count
    when m.security_non_compliant_count > 0
      then 'security updates that are not compliant: ' || m.security_non_compliant_count
    else 'no patch is missing'
  end as reason
from ssm_managed_instance m
where m.patch_operation is null or m.patch_operation <> ''
