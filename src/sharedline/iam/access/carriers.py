"""The resources that carry policies of their own: their tables, and which ARN finds which policy.

Source: "AWS services that work with IAM" (column resource-based policies),
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
(read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Carrier:
    """A table whose rows carry a policy, in `column`.

    `free_tags`: its listing gives the tags, so that reading them costs no call. `extra` are columns
    that say whether the policy is all there is.
    """

    table: str
    column: str = "policy"
    free_tags: bool = False
    extra: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that are read, beside the key."""
        return (self.column, *self.extra, *(("tags",) if self.free_tags else ()))


CARRIERS = (
    Carrier("s3_bucket"),
    Carrier("s3_access_point"),
    Carrier("kms_key", extra=("key_manager",)),
    Carrier("sns_topic"),
    Carrier("sqs_queue"),
    Carrier("lambda_function"),
    Carrier("secretsmanager_secret", free_tags=True),
    Carrier("ecr_repository"),
    Carrier("efs_file_system", free_tags=True),
    Carrier("opensearch_domain", column="access_policies"),
    Carrier("apigateway_rest_api", free_tags=True),
    Carrier("backup_vault"),
    Carrier("dynamodb_table"),
    Carrier("events_event_bus"),
)

#: Services (as ARNs name them) whose resources can carry a policy, by the beginnings of the names
#: of those resources; an empty one stands for all. Roles are not here: their policy is the trust.
_CARRYING: Mapping[str, tuple[str, ...]] = {
    "acm-pca": ("certificate-authority/",),
    "backup": ("backup-vault:",),
    "cloudtrail": ("channel/", "dashboard/", "eventdatastore/"),
    "codeartifact": ("domain/", "repository/"),
    "codebuild": ("project/", "report-group/"),
    "dynamodb": ("table/",),
    "ecr": ("repository/",),
    "elasticfilesystem": ("file-system/",),
    "es": ("domain/",),
    "events": ("event-bus/",),
    "execute-api": ("",),
    "glacier": ("vaults/",),
    "glue": ("catalog", "database/", "table/", "connection/"),
    "kinesis": ("stream/",),
    "kms": ("key/",),
    "lambda": ("function:", "layer:"),
    "mediastore": ("container/",),
    "network-firewall": ("firewall-policy/", "stateful-rulegroup/", "stateless-rulegroup/"),
    "rekognition": ("project/",),
    "route53resolver": ("resolver-rule/", "firewall-rule-group/"),
    "s3": ("",),
    "s3-object-lambda": ("accesspoint/",),
    "s3-outposts": ("outpost/",),
    "s3express": ("bucket/",),
    "s3tables": ("bucket/",),
    "schemas": ("registry/",),
    "secretsmanager": ("secret:",),
    "serverlessrepo": ("applications/",),
    "sns": ("",),
    "sqs": ("",),
    "ssm": ("opsitemgroup/", "parameter/"),
    "ssm-contacts": ("contact/",),
    "ssm-incidents": ("response-plan/",),
    "vpc-lattice": ("service/", "servicenetwork/"),
}


def can_carry(arn: str) -> bool:
    """Whether a resource of this name could have a policy of its own."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return False
    return parts[5].startswith(_CARRYING.get(parts[2], ("\0",)))


def holders(arn: str) -> tuple[str, ...]:
    """The names under which the resource is held whose policy speaks for this one, nearest first.

    An object's is its bucket's, an index's its table's, a path's its domain's or its API's.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return (arn,)
    head, name = arn[: len(arn) - len(parts[5])], parts[5]
    pieces = name.split("/")
    #: How many pieces of the name the holder has.
    depth = {"dynamodb": 2, "es": 2, "execute-api": 1}.get(parts[2], 0)
    if parts[2] == "s3":
        depth = 2 if name.startswith("accesspoint/") else 1
    if not depth or len(pieces) <= depth:
        return (arn,)
    if parts[2] == "dynamodb" and pieces[2] == "stream":
        return (arn,)  # a stream has its own policy
    return (arn, head + "/".join(pieces[:depth]))


def invoked_as(arn: str, account: str) -> str:
    """The ARN by which an API of API Gateway is called: its policy speaks of that one."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return arn
    _, partition, _, region, _, name = parts
    return f"arn:{partition}:execute-api:{region}:{account}:{name.rpartition('/')[2]}"
