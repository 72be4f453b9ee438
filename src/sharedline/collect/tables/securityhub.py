"""AWS Security Hub: the hub, its standards, open findings, automation rules, aggregation."""

from __future__ import annotations

from typing import Any

from sharedline.collect.table import Call, Table, col, context, opt

#: What Security Hub answers in a Region where it is off.
_OFF: dict[str, Any] = {"InvalidAccessException": []}


def _equals(*values: Any) -> list[dict[str, Any]]:
    return [{"Value": value, "Comparison": "EQUALS"} for value in values]


SECURITYHUB_HUB = Table(
    name="securityhub_hub",
    service="securityhub",
    arn="{HubArn}",
    list=Call(operation="DescribeHub", absent={**_OFF, "ResourceNotFoundException": []}),
    columns={
        "subscribed_at": col("SubscribedAt", "timestamp", "When Security Hub was turned on."),
        "auto_enable_controls": opt("AutoEnableControls"),
        "control_finding_generator": opt("ControlFindingGenerator"),
    },
)

SECURITYHUB_STANDARD_SUBSCRIPTION = Table(
    name="securityhub_standard_subscription",
    service="securityhub",
    arn="{StandardsSubscriptionArn}",
    resource=False,
    list=Call(operation="GetEnabledStandards", items="StandardsSubscriptions[]", absent=dict(_OFF)),
    columns={
        "standards_arn": "StandardsArn",
        "standards_status": "StandardsStatus",
    },
)

SECURITYHUB_FINDING = Table(
    name="securityhub_finding",
    service="securityhub",
    arn="{Id}",
    resource=False,
    doc="An active finding of high or critical severity that is neither resolved nor suppressed.",
    list=Call(
        operation="GetFindings",
        params={
            "Filters": {
                # An administrator also sees its members' findings, and a home Region those of
                # linked Regions: each is read once, where it belongs.
                "AwsAccountId": _equals(context("account_id")),
                "Region": _equals(context("region")),
                "RecordState": _equals("ACTIVE"),
                "WorkflowStatus": _equals("NEW", "NOTIFIED"),
                "SeverityLabel": _equals("CRITICAL", "HIGH"),
            },
            "SortCriteria": [{"Field": "CreatedAt", "SortOrder": "asc"}],
            "MaxResults": 100,
        },
        items="Findings[]",
        absent=dict(_OFF),
    ),
    columns={
        "title": "Title",
        "product_name": opt("ProductName"),
        "generator_id": "GeneratorId",
        "severity_label": "Severity.Label",
        "workflow_status": opt("Workflow.Status", "NEW"),
        "record_state": opt("RecordState", "ACTIVE"),
        "created_at": col("CreatedAt", "timestamp", "When the finding was made."),
        "updated_at": col("UpdatedAt", "timestamp", "When the finding was last changed."),
        "resource_id": col("Resources[0].Id", "string", "The first resource the finding is about."),
    },
    max_items=5_000,
)

SECURITYHUB_AUTOMATION_RULE = Table(
    name="securityhub_automation_rule",
    service="securityhub",
    arn="{RuleArn}",
    list=Call(
        operation="ListAutomationRules",
        items="AutomationRulesMetadata[].RuleArn",
        absent=dict(_OFF),
    ),
    describe=Call(
        operation="BatchGetAutomationRules",
        batch="AutomationRulesArns",
        size=100,
        items="Rules[]",
    ),
    columns={
        "rule_name": "RuleName",
        "rule_status": "RuleStatus",
        "criteria": opt("Criteria", "{}"),
        "severity_labels": col(
            "Criteria.SeverityLabel[?Comparison=='EQUALS'].Value",
            "strings",
            "The severities the rule is limited to; empty: not limited.",
        ),
        "sets_workflow_status": col(
            "Actions[].FindingFieldsUpdate.Workflow.Status | [0]",
            "string",
            "The workflow status that the rule gives; SUPPRESSED hides a finding.",
            default="",
        ),
        "sets_severity_label": col(
            "Actions[].FindingFieldsUpdate.Severity.Label | [0]",
            "string",
            "The severity that the rule gives.",
            default="",
        ),
    },
)

SECURITYHUB_FINDING_AGGREGATOR = Table(
    name="securityhub_finding_aggregator",
    service="securityhub",
    arn="{FindingAggregatorArn}",
    resource=False,
    doc="The aggregation that brings findings of linked Regions to this Region.",
    list=Call(operation="ListFindingAggregators", items="FindingAggregators[]", absent=dict(_OFF)),
    columns={"finding_aggregator_arn": "FindingAggregatorArn"},
)
