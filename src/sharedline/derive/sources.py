"""The tables whose rows carry a resource policy, and in which column."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A table with a policy column; `prefix` is the IAM prefix of the service's actions."""

    table: str
    prefix: str
    column: str = "policy"
    kind: str = "resource"
    extra: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that are read, beside the key."""
        return (self.column, *self.extra)


RESOURCE_POLICIES = (
    Source("s3_bucket", "s3"),
    Source("s3_access_point", "s3", extra=("network_origin",)),
    Source("kms_key", "kms"),
    Source("sns_topic", "sns"),
    Source("sqs_queue", "sqs"),
    Source("lambda_function", "lambda"),
    Source("secretsmanager_secret", "secretsmanager"),
    Source("ecr_repository", "ecr"),
    Source("efs_file_system", "elasticfilesystem"),
    Source("opensearch_domain", "es", column="access_policies"),
    Source("apigateway_rest_api", "execute-api"),
    Source("backup_vault", "backup"),
    Source("dynamodb_table", "dynamodb"),
    Source("iam_role", "sts", column="assume_role_policy_document", kind="trust"),
)
