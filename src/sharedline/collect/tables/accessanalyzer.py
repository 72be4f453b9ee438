"""IAM Access Analyzer: the analyzers of a Region and the findings they hold open."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, parent

ACCESSANALYZER_ANALYZER = Table(
    name="accessanalyzer_analyzer",
    service="accessanalyzer",
    arn="{arn}",
    list=Call(operation="ListAnalyzers", items="analyzers[]"),
    tags="tags",
    columns={"name": "name", "type": "type", "status": "status", "created_at": "createdAt"},
)
ACCESSANALYZER_FINDING = Table(
    name="accessanalyzer_finding",
    service="accessanalyzer",
    arn="{resource}",
    doc="The active findings of each analyzer; arn is the resource that they are about.",
    parent="accessanalyzer_analyzer",
    resource=False,
    max_items=50_000,
    list=Call(
        operation="ListFindingsV2",
        params={"analyzerArn": parent("arn"), "filter": {"status": {"eq": ["ACTIVE"]}}},
        items="findings[]",
        action="access-analyzer:ListFindings",
    ),
    columns={
        "id": "id",
        "analyzer_arn": parent("arn"),
        "finding_type": "findingType",
        "resource_type": "resourceType",
        "resource_owner_account": "resourceOwnerAccount",
        "created_at": "createdAt",
        "updated_at": "updatedAt",
    },
)
