"""Amazon Inspector: what it scans in each Region, and its open critical and high findings."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, context, opt

INSPECTOR2_ACCOUNT = Table(
    name="inspector2_account",
    service="inspector2",
    arn="arn:{partition}:account:{region}:{account_id}:region/{region}",
    resource=False,
    list=Call(
        operation="BatchGetAccountStatus",
        items="accounts[]",
        params={"accountIds": [context("account_id")]},
    ),
    columns={
        "status": "state.status",
        "ec2_status": "resourceState.ec2.status",
        "ecr_status": "resourceState.ecr.status",
        "lambda_status": "resourceState.lambda.status",
        "lambda_code_status": "resourceState.lambdaCode.status",
    },
    doc="Whether Amazon Inspector scans the account in this Region, and which kinds of resource.",
)

INSPECTOR2_FINDING = Table(
    name="inspector2_finding",
    service="inspector2",
    arn="{findingArn}",
    resource=False,
    list=Call(
        operation="ListFindings",
        items="findings[]",
        says=True,
        params={
            "filterCriteria": {
                "findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}],
                "severity": [
                    {"comparison": "EQUALS", "value": "CRITICAL"},
                    {"comparison": "EQUALS", "value": "HIGH"},
                ],
            },
            "maxResults": 100,
        },
    ),
    columns={
        "finding_arn": "findingArn",
        "aws_account_id": "awsAccountId",
        "type": "type",
        "severity": "severity",
        "title": opt("title"),
        "status": "status",
        "first_observed_at": "firstObservedAt",
        "last_observed_at": "lastObservedAt",
        "fix_available": opt("fixAvailable"),
        "exploit_available": opt("exploitAvailable"),
        "vulnerability_id": opt("packageVulnerabilityDetails.vulnerabilityId"),
        "resource_id": col("resources[0].id", "string", "The resource that it is about."),
        "resource_type": col("resources[0].type", "string", "The kind of that resource."),
    },
    doc="A critical or high vulnerability that Amazon Inspector sees open now.",
)
