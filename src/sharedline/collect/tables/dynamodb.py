"""Amazon DynamoDB: tables, their recovery, protection and policy."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt

DYNAMODB_TABLE = Table(
    name="dynamodb_table",
    service="dynamodb",
    arn="{TableArn}",
    list=Call(operation="ListTables", items="TableNames[]"),
    describe=Call(operation="DescribeTable", params={"TableName": item("@")}, items="Table"),
    columns={
        "table_name": "TableName",
        "table_status": "TableStatus",
        "creation_date_time": "CreationDateTime",
        "billing_mode": opt("BillingModeSummary.BillingMode", "PROVISIONED"),
        "deletion_protection_enabled": opt("DeletionProtectionEnabled"),
        # No description: DynamoDB encrypts with a key that it owns itself.
        "sse_status": opt("SSEDescription.Status"),
        "sse_type": opt("SSEDescription.SSEType"),
        "kms_master_key_arn": opt("SSEDescription.KMSMasterKeyArn"),
        "table_class": opt("TableClassSummary.TableClass", "STANDARD"),
    },
    details=(
        Call(
            operation="DescribeContinuousBackups",
            params={"TableName": item("TableName")},
            columns={
                "point_in_time_recovery_status": opt(
                    "ContinuousBackupsDescription.PointInTimeRecoveryDescription"
                    ".PointInTimeRecoveryStatus",
                    "DISABLED",
                ),
            },
        ),
        Call(
            operation="GetResourcePolicy",
            params={"ResourceArn": item("TableArn")},
            columns={"policy": "Policy"},
            absent={"PolicyNotFoundException": ""},
        ),
        Call(
            operation="ListTagsOfResource",
            params={"ResourceArn": item("TableArn")},
            columns={"tags": opt("Tags")},
        ),
    ),
)
