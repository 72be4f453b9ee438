/*
title = "Permissions boundaries take something away"
severity = "medium"
duty = "identity.least-privilege"
why = "A boundary that allows everything its holder has, or that its holder can change or take off, looks like a guardrail and is none."
fix = """
aws iam get-policy-version --policy-arn BOUNDARY_ARN --version-id VERSION
# Allow in it only what the team needs, and deny its own removal:
#   iam:DeleteUserPermissionsBoundary, iam:DeleteRolePermissionsBoundary, iam:CreatePolicyVersion on the boundary
"""
[controls]
nist-800-53-r5 = ["AC-3", "AC-6"]
*/
select
  p.arn as resource,
  p.boundary_binds as ok,
  p.boundary_reason as reason
from principal_access p
where p.boundary_arn <> ''
