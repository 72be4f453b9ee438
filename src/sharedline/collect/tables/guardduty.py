"""Amazon GuardDuty: detectors with their protections, filters, and findings not yet archived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Col, Table, col, item, opt, parent


def _feature(name: str, doc: str, older: str = "") -> Col:
    """The status of a protection plan; `older` is where answers from before features had it."""
    path = f"Features[?Name=='{name}'].Status | [0]"
    return col(f"({path}) || {older}" if older else path, "string", doc, default="")


def _agent(feature: str, name: str, doc: str) -> Col:
    path = f"Features[?Name=='{feature}'].AdditionalConfiguration[] | [?Name=='{name}'].Status"
    return col(f"{path} | [0]", "string", doc, default="")


def _detector(detector_id: Any, _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    yield {"DetectorId": detector_id}


GUARDDUTY_DETECTOR = Table(
    name="guardduty_detector",
    service="guardduty",
    arn="arn:{partition}:guardduty:{region}:{account_id}:detector/{DetectorId}",
    doc="The detector of a Region: whether it is on and which protections it has.",
    list=Call(operation="ListDetectors", items="DetectorIds[]"),
    transform=_detector,
    columns={"detector_id": col("DetectorId", "string", "The unique ID of the detector.")},
    details=(
        Call(
            operation="GetDetector",
            params={"DetectorId": item("DetectorId")},
            columns={
                "status": "Status",
                "finding_publishing_frequency": opt("FindingPublishingFrequency"),
                "s3_data_events": _feature(
                    "S3_DATA_EVENTS", "S3 Protection: ENABLED or not.", "DataSources.S3Logs.Status"
                ),
                "eks_audit_logs": _feature(
                    "EKS_AUDIT_LOGS",
                    "EKS Protection over audit logs: ENABLED or not.",
                    "DataSources.Kubernetes.AuditLogs.Status",
                ),
                "ebs_malware_protection": _feature(
                    "EBS_MALWARE_PROTECTION",
                    "Malware Protection for EC2: ENABLED or not.",
                    "DataSources.MalwareProtection.ScanEc2InstanceWithFindings.EbsVolumes.Status",
                ),
                "rds_login_events": _feature("RDS_LOGIN_EVENTS", "RDS Protection."),
                "lambda_network_logs": _feature("LAMBDA_NETWORK_LOGS", "Lambda Protection."),
                "runtime_monitoring": _feature("RUNTIME_MONITORING", "Runtime Monitoring."),
                "eks_runtime_monitoring": _feature(
                    "EKS_RUNTIME_MONITORING", "The older Runtime Monitoring for EKS alone."
                ),
                "runtime_eks_agent": _agent(
                    "RUNTIME_MONITORING", "EKS_ADDON_MANAGEMENT", "The agent on EKS nodes."
                ),
                "runtime_ecs_agent": _agent(
                    "RUNTIME_MONITORING", "ECS_FARGATE_AGENT_MANAGEMENT", "The agent on Fargate."
                ),
                "runtime_ec2_agent": _agent(
                    "RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT", "The agent on EC2 instances."
                ),
                "eks_runtime_agent": _agent(
                    "EKS_RUNTIME_MONITORING", "EKS_ADDON_MANAGEMENT", "The older agent on EKS."
                ),
                "tags": opt("Tags", "{}"),
            },
        ),
        Call(
            operation="GetAdministratorAccount",
            params={"DetectorId": item("DetectorId")},
            columns={"administrator_account_id": opt("Administrator.AccountId")},
            # A detector of its own has no administrator, and the answer then nothing.
            absent={"EmptyAnswer": {"administrator_account_id": ""}},
        ),
    ),
)


def _filter(name: Any, _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    yield {"FilterName": name}


GUARDDUTY_FILTER = Table(
    name="guardduty_filter",
    service="guardduty",
    # A filter's own ARN carries the detector's id, which is not in the item.
    arn="arn:{partition}:account:{region}:{account_id}:region/{region}",
    parent="guardduty_detector",
    resource=False,
    doc="A saved filter of a detector; one whose action is ARCHIVE hides what it matches.",
    list=Call(
        operation="ListFilters",
        params={"DetectorId": parent("detector_id")},
        items="FilterNames[]",
    ),
    transform=_filter,
    columns={
        "detector_id": parent("detector_id"),
        "detector_arn": parent("arn"),
        "name": col("FilterName", "string", "The name of the filter."),
    },
    details=(
        Call(
            operation="GetFilter",
            params={"DetectorId": parent("detector_id"), "FilterName": item("FilterName")},
            columns={
                "action": opt("Action", "NOOP"),
                "finding_criteria": opt("FindingCriteria", "{}"),
            },
        ),
    ),
)

GUARDDUTY_FINDING = Table(
    name="guardduty_finding",
    service="guardduty",
    arn="{Arn}",
    parent="guardduty_detector",
    resource=False,
    doc="A finding that nobody has archived.",
    list=Call(
        operation="ListFindings",
        params={
            "DetectorId": parent("detector_id"),
            "FindingCriteria": {"Criterion": {"service.archived": {"Eq": ["false"]}}},
            # Oldest first: where the bound below cuts, what is overdue has been read.
            "SortCriteria": {"AttributeName": "createdAt", "OrderBy": "ASC"},
        },
        items="FindingIds[]",
    ),
    describe=Call(
        operation="GetFindings",
        params={"DetectorId": parent("detector_id")},
        batch="FindingIds",
        size=50,
        items="Findings[]",
    ),
    columns={
        "detector_id": parent("detector_id"),
        "finding_account_id": "AccountId",
        "type": "Type",
        "title": opt("Title"),
        "severity": "Severity",
        "created_at": col("CreatedAt", "timestamp", "When the activity was first reported."),
        "updated_at": col("UpdatedAt", "timestamp", "When the activity was last seen again."),
        "archived": opt("Service.Archived"),
        "finding_count": opt("Service.Count", 1),
        "resource_type": opt("Resource.ResourceType"),
        # What an incident starts from; the call is made for the columns above.
        "description": opt("Description"),
        "resource": col(
            "Resource", "json", "What it is about, and the credentials that were used."
        ),
        "service": col(
            "Service", "json", "What was seen, when and from where: actions, actors, sequences."
        ),
    },
    max_items=20_000,
)
