"""AWS Systems Manager: managed nodes and their patches, baselines, documents, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col, item, opt

_REGION_ARN = "arn:{partition}:account:{region}:{account_id}:region/{region}"


def _node_arn(node: str, ctx: Mapping[str, str]) -> str:
    """An instance's own ARN for `i-…`; a hybrid node (`mi-…`) is a resource of Systems Manager."""
    service, kind = ("ec2", "instance") if node.startswith("i-") else ("ssm", "managed-instance")
    return f"arn:{ctx['partition']}:{service}:{ctx['region']}:{ctx['account_id']}:{kind}/{node}"


def _node(found: dict[str, Any], ctx: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    yield {**found, "NodeArn": _node_arn(found["InstanceId"], ctx)}


def _compliance(found: dict[str, Any], ctx: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    yield {**found, "NodeArn": _node_arn(found["ResourceId"], ctx)}


def _parameter(found: dict[str, Any], ctx: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """The ARN from the name: the slash that a hierarchical name begins with is not doubled."""
    base = f"arn:{ctx['partition']}:ssm:{ctx['region']}:{ctx['account_id']}:parameter/"
    yield {**found, "ParameterArn": base + str(found["Name"]).removeprefix("/")}


SSM_MANAGED_INSTANCE = Table(
    name="ssm_managed_instance",
    service="ssm",
    arn="{NodeArn}",
    resource=False,
    list=Call(operation="DescribeInstanceInformation", items="InstanceInformationList[]"),
    transform=_node,
    columns={
        "instance_id": "InstanceId",
        "ping_status": "PingStatus",
        "last_ping_date_time": "LastPingDateTime",
        "agent_version": opt("AgentVersion"),
        "is_latest_version": opt("IsLatestVersion"),
        "platform_type": opt("PlatformType"),
        "platform_name": opt("PlatformName"),
        "platform_version": opt("PlatformVersion"),
        "resource_type": opt("ResourceType"),
        "association_status": opt("AssociationStatus"),
    },
    details=(
        Call(
            operation="DescribeInstancePatchStates",
            params={"InstanceIds": item("InstanceId")},
            batch="InstanceIds",
            size=50,
            items="InstancePatchStates[]",
            match="InstanceId",
            # A node that Patch Manager never looked at has no state: no operation, no counts.
            absent={"": {"patch_operation": ""}},
            columns={
                "patch_operation": "Operation",
                "patch_group": opt("PatchGroup"),
                "baseline_id": "BaselineId",
                "missing_count": "MissingCount",
                "failed_count": "FailedCount",
                "installed_pending_reboot_count": opt("InstalledPendingRebootCount"),
                "installed_rejected_count": opt("InstalledRejectedCount"),
                "critical_non_compliant_count": opt("CriticalNonCompliantCount"),
                "security_non_compliant_count": opt("SecurityNonCompliantCount"),
                "operation_end_time": "OperationEndTime",
            },
        ),
    ),
    doc="A machine that Systems Manager manages, with the state of its patches.",
)

SSM_RESOURCE_COMPLIANCE = Table(
    name="ssm_resource_compliance",
    service="ssm",
    arn="{NodeArn}",
    resource=False,
    list=Call(
        operation="ListResourceComplianceSummaries",
        items="ResourceComplianceSummaryItems[]",
        params={"Filters": [{"Key": "ComplianceType", "Values": ["Association"], "Type": "EQUAL"}]},
    ),
    transform=_compliance,
    columns={
        "resource_id": "ResourceId",
        "compliance_type": "ComplianceType",
        "status": "Status",
        "overall_severity": opt("OverallSeverity"),
        "execution_time": opt("ExecutionSummary.ExecutionTime"),
        "non_compliant_count": opt("NonCompliantSummary.NonCompliantCount"),
    },
    doc="Whether the State Manager associations of a managed node are compliant.",
)

SSM_PATCH_BASELINE = Table(
    name="ssm_patch_baseline",
    service="ssm",
    arn="arn:{partition}:ssm:{region}:{account_id}:patchbaseline/{BaselineId}",
    # Those that AWS ships approve after seven days and cannot be changed; only own ones vary.
    list=Call(
        operation="DescribePatchBaselines",
        items="BaselineIdentities[]",
        params={"Filters": [{"Key": "OWNER", "Values": ["Self"]}]},
    ),
    columns={
        "baseline_id": "BaselineId",
        "baseline_name": "BaselineName",
        "operating_system": "OperatingSystem",
        "default_baseline": opt("DefaultBaseline"),
    },
    details=(
        Call(
            operation="GetPatchBaseline",
            params={"BaselineId": item("BaselineId")},
            columns={
                "approve_after_days": col(
                    "max(ApprovalRules.PatchRules[].ApproveAfterDays || `[]`)",
                    "int",
                    "The longest wait of its approval rules, in days; NULL where none has one.",
                ),
                "approve_until_dates": col(
                    "join(', ', ApprovalRules.PatchRules[].ApproveUntilDate || `[]`)",
                    "string",
                    "Fixed dates after which a rule approves nothing that is released; or empty.",
                ),
                "rule_count": col(
                    "length(ApprovalRules.PatchRules || `[]`)", "int", "How many rules approve."
                ),
                "approved_patches": "ApprovedPatches",
                "rejected_patches": "RejectedPatches",
                "patch_groups": "PatchGroups",
            },
        ),
    ),
)

SSM_DOCUMENT = Table(
    name="ssm_document",
    service="ssm",
    arn="arn:{partition}:ssm:{region}:{account_id}:document/{Name}",
    list=Call(
        operation="ListDocuments",
        items="DocumentIdentifiers[]",
        params={"Filters": [{"Key": "Owner", "Values": ["Self"]}]},
    ),
    tags="Tags",
    columns={
        "name": "Name",
        "owner": opt("Owner"),
        "document_type": opt("DocumentType"),
    },
    details=(
        Call(
            operation="DescribeDocumentPermission",
            params={"Name": item("Name"), "PermissionType": "Share", "MaxResults": 200},
            columns={
                # Text, not a list: a list cannot be NULL, and not knowing must stay visible.
                "shared_with": col(
                    "join(', ', AccountIds || `[]`)",
                    "string",
                    "The accounts it is shared with, or `all`; empty when with nobody.",
                ),
            },
        ),
    ),
)

SSM_PARAMETER = Table(
    name="ssm_parameter",
    service="ssm",
    arn="{ParameterArn}",
    list=Call(operation="DescribeParameters", items="Parameters[]", params={"MaxResults": 50}),
    transform=_parameter,
    columns={
        "name": "Name",
        "type": "Type",
        "key_id": opt("KeyId"),
        "last_modified_date": "LastModifiedDate",
        "tier": opt("Tier"),
    },
)

SSM_DOCUMENT_SHARING = Table(
    name="ssm_document_sharing",
    service="ssm",
    arn=_REGION_ARN,
    resource=False,
    list=Call(
        operation="GetServiceSetting",
        params={"SettingId": "/ssm/documents/console/public-sharing-permission"},
        items="ServiceSetting",
    ),
    columns={"setting_value": "SettingValue", "status": opt("Status")},
    doc="Whether the account may share Systems Manager documents with everybody in the Region.",
)

SSM_AUTOMATION_LOGGING = Table(
    name="ssm_automation_logging",
    service="ssm",
    arn=_REGION_ARN,
    resource=False,
    list=Call(
        operation="GetServiceSetting",
        params={"SettingId": "/ssm/automation/customer-script-log-destination"},
        items="ServiceSetting",
        # The setting exists only once somebody has set it.
        absent={"ServiceSettingNotFound": [{"SettingValue": ""}]},
    ),
    columns={"setting_value": opt("SettingValue")},
    doc="Where Automation writes the output of scripts in the Region: `CloudWatch`, or nowhere.",
)
