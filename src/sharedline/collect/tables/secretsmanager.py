"""AWS Secrets Manager: secrets, their rotation, use and policy."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt

SECRETSMANAGER_SECRET = Table(
    name="secretsmanager_secret",
    service="secretsmanager",
    arn="{ARN}",
    list=Call(operation="ListSecrets", items="SecretList[]"),
    tags="Tags",
    columns={
        "name": "Name",
        "description": opt("Description"),
        "kms_key_id": opt("KmsKeyId"),
        "rotation_enabled": opt("RotationEnabled"),
        "rotation_lambda_arn": opt("RotationLambdaARN"),
        "rotation_automatically_after_days": opt("RotationRules.AutomaticallyAfterDays"),
        "rotation_schedule_expression": opt("RotationRules.ScheduleExpression"),
        "created_date": "CreatedDate",
        "last_rotated_date": opt("LastRotatedDate"),
        "last_changed_date": opt("LastChangedDate"),
        "last_accessed_date": opt("LastAccessedDate"),
        "next_rotation_date": opt("NextRotationDate"),
        "deleted_date": opt("DeletedDate"),
        "owning_service": opt("OwningService"),
        "primary_region": opt("PrimaryRegion"),
    },
    details=(
        Call(
            operation="GetResourcePolicy",
            params={"SecretId": item("ARN")},
            columns={"policy": opt("ResourcePolicy")},
        ),
    ),
)
