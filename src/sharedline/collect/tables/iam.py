"""AWS IAM: users, groups, roles and policies from one bulk listing each, with their children."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sharedline.collect.table import Call, Col, Table, col, item, opt, parent


def _details(kind: str, member: str) -> Call:
    """The bulk listing filtered to one kind, so that no answer is fetched twice."""
    return Call(
        operation="GetAccountAuthorizationDetails",
        params={"Filter": [kind], "MaxItems": 500},
        items=f"{member}[]",
    )


def _count(member: str, doc: str) -> Col:
    return col(f"length({member} || `[]`)", "int", doc)


_BOUNDARY = opt(
    "PermissionsBoundary.PermissionsBoundaryArn",
    type="string",
    doc="The policy that bounds its permissions.",
)


def _inline(kind: str, member: str) -> Table:
    """The inline policies of users, groups or roles."""
    return Table(
        name=f"iam_{kind}_policy",
        service="iam",
        scope="global",
        arn="",
        doc=f"The inline policies of each {kind}; arn is the {kind}'s.",
        source=f"iam_{kind}",
        items=f"{member}[]",
        resource=False,
        columns={
            f"{kind}_name": parent(f"{kind.title()}Name"),
            "policy_name": "PolicyName",
            "policy_document": col("PolicyDocument", "json", "The policy document."),
        },
    )


def _attached(kind: str) -> Table:
    """The managed policies attached to users, groups or roles."""
    return Table(
        name=f"iam_{kind}_attached_policy",
        service="iam",
        scope="global",
        arn="",
        doc=f"The managed policies attached to each {kind}; arn is the {kind}'s.",
        source=f"iam_{kind}",
        items="AttachedManagedPolicies[]",
        resource=False,
        columns={
            f"{kind}_name": parent(f"{kind.title()}Name"),
            "policy_name": "PolicyName",
            "policy_arn": "PolicyArn",
        },
    )


IAM_USER = Table(
    name="iam_user",
    service="iam",
    scope="global",
    arn="{Arn}",
    list=_details("User", "UserDetailList"),
    tags="Tags",
    columns={
        "user_name": "UserName",
        "user_id": "UserId",
        "path": "Path",
        "create_date": "CreateDate",
        "group_list": "GroupList",
        "permissions_boundary_arn": _BOUNDARY,
        "inline_policy_count": _count("UserPolicyList", "How many policies are embedded in it."),
        "attached_policy_count": _count("AttachedManagedPolicies", "How many are attached to it."),
    },
)
IAM_GROUP = Table(
    name="iam_group",
    service="iam",
    scope="global",
    arn="{Arn}",
    list=_details("Group", "GroupDetailList"),
    columns={
        "group_name": "GroupName",
        "group_id": "GroupId",
        "path": "Path",
        "create_date": "CreateDate",
    },
)
IAM_ROLE = Table(
    name="iam_role",
    service="iam",
    scope="global",
    arn="{Arn}",
    list=_details("Role", "RoleDetailList"),
    tags="Tags",
    columns={
        "role_name": "RoleName",
        "role_id": "RoleId",
        "path": "Path",
        "create_date": "CreateDate",
        "assume_role_policy_document": col(
            "AssumeRolePolicyDocument", "json", "The trust policy: who may assume the role."
        ),
        "permissions_boundary_arn": _BOUNDARY,
        "last_used_date": opt("RoleLastUsed.LastUsedDate"),
        "last_used_region": opt("RoleLastUsed.Region"),
    },
)
IAM_POLICY = Table(
    name="iam_policy",
    service="iam",
    scope="global",
    arn="{Arn}",
    doc="The customer managed policies, with the document of their default version.",
    list=_details("LocalManagedPolicy", "Policies"),
    columns={
        "policy_name": "PolicyName",
        "policy_id": "PolicyId",
        "path": "Path",
        "default_version_id": "DefaultVersionId",
        "attachment_count": opt("AttachmentCount"),
        "permissions_boundary_usage_count": opt("PermissionsBoundaryUsageCount"),
        "create_date": "CreateDate",
        "update_date": "UpdateDate",
        "document": col(
            "PolicyVersionList[?IsDefaultVersion].Document | [0]",
            "json",
            "The document of the default version.",
        ),
    },
)
IAM_USER_POLICY = _inline("user", "UserPolicyList")
IAM_GROUP_POLICY = _inline("group", "GroupPolicyList")
IAM_ROLE_POLICY = _inline("role", "RolePolicyList")
IAM_USER_ATTACHED_POLICY = _attached("user")
IAM_GROUP_ATTACHED_POLICY = _attached("group")
IAM_ROLE_ATTACHED_POLICY = _attached("role")


def _aws(name: str, usage: str, doc: str) -> Table:
    """AWS managed policies by how they are used; no bulk listing says that it holds all of them."""
    return Table(
        name=name,
        service="iam",
        scope="global",
        arn="{Arn}",
        doc=doc,
        resource=False,
        list=Call(
            operation="ListPolicies",
            params={"Scope": "AWS", "OnlyAttached": True, "PolicyUsageFilter": usage},
            items="Policies[]",
        ),
        details=(
            Call(
                operation="GetPolicyVersion",
                params={"PolicyArn": item("Arn"), "VersionId": item("DefaultVersionId")},
                shared=True,
                columns={
                    "document": col(
                        "PolicyVersion.Document", "json", "The document of the default version."
                    )
                },
            ),
        ),
        columns={
            "policy_name": "PolicyName",
            "default_version_id": "DefaultVersionId",
            "attachment_count": opt("AttachmentCount"),
        },
    )


IAM_AWS_POLICY = _aws(
    "iam_aws_policy",
    "PermissionsPolicy",
    "The AWS managed policies that are attached to somebody in the account.",
)
IAM_AWS_BOUNDARY_POLICY = _aws(
    "iam_aws_boundary_policy",
    "PermissionsBoundary",
    "The AWS managed policies that are somebody's permissions boundary in the account.",
)

IAM_INSTANCE_PROFILE = Table(
    name="iam_instance_profile",
    service="iam",
    scope="global",
    arn="{Arn}",
    source="iam_role",
    items="InstanceProfileList[]",
    columns={
        "instance_profile_name": "InstanceProfileName",
        "role_arn": parent("Arn"),
        "create_date": "CreateDate",
    },
)


def _accessed(answer: dict[str, Any], _: Mapping[str, str]) -> list[dict[str, Any]]:
    """One item per service; while the job still runs, one that says so and nothing else."""
    status = answer.get("JobStatus")
    if status != "COMPLETED":
        return [{"JobStatus": status}]
    job = {"JobStatus": status, "JobCompletionDate": answer.get("JobCompletionDate")}
    return [{**service, **job} for service in answer.get("ServicesLastAccessed", [])]


def _last_accessed(kind: str, name: str) -> Table:
    """What IAM says of the use of services and, where it tracks them, of single actions."""
    return Table(
        name=name,
        service="iam",
        scope="global",
        arn="{LastAuthenticatedEntity}",
        doc=f"For each {kind}: the services it may use and when it last did; two calls per {kind}.",
        parent=f"iam_{kind}",
        resource=False,
        list=Call(
            operation="GenerateServiceLastAccessedDetails",
            params={"Arn": parent("arn"), "Granularity": "ACTION_LEVEL"},
            items="",
        ),
        describe=Call(
            operation="GetServiceLastAccessedDetails",
            params={"JobId": item("JobId")},
            items="",
            again="JobStatus == 'IN_PROGRESS'",
        ),
        transform=_accessed,
        columns={
            f"{kind}_arn": parent("arn"),
            "job_status": col("JobStatus", "string", "COMPLETED when the row is certain."),
            "job_completion_date": col(
                "JobCompletionDate", "timestamp", "When IAM had put it together."
            ),
            "service_namespace": col(
                "ServiceNamespace", "string", "The service, as in its actions."
            ),
            "last_authenticated": col("LastAuthenticated", "timestamp", "When it was last used."),
            "tracked_actions": col(
                "TrackedActionsLastAccessed",
                "json",
                "The actions that IAM tracks, with the last use of each.",
                default="[]",
            ),
        },
    )


IAM_SERVICE_LAST_ACCESSED = _last_accessed("role", "iam_service_last_accessed")
IAM_USER_SERVICE_LAST_ACCESSED = _last_accessed("user", "iam_user_service_last_accessed")
