"""What is special about a request: who asks, whose resource it is, and which rules set it apart.

Sources, read 2026-11-21: service-linked roles and RCPs,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html; KMS,
https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html; GetCallerIdentity,
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html; GetSessionToken,
https://docs.aws.amazon.com/IAM/latest/UserGuide/
id_credentials_temp_control-access_getsessiontoken.html; what sessions cannot call,
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html and
API_AssumeRole.html; who can call AssumeRole,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html; the root user
and a bucket's policy,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sharedline.iam.language import Layer
from sharedline.iam.match import takes_no_resource
from sharedline.iam.request import Answer, Caller, Context, Decision, Policies, Request

#: The services to whose resources RCPs apply; of others an RCP says nothing.
RCP_SERVICES = frozenset(
    (
        *("aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets"),
        *("clouddirectory", "cloudfront", "cloudsearch", "cloudtrail-data", "codeartifact"),
        *("codebuild", "codecommit", "codepipeline", "cognito-identity", "cognito-idp"),
        *("comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax"),
        *("dsql", "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift"),
        *("health", "inspector-scan", "kendra", "kinesisvideo", "kms", "logs", "memorydb"),
        *("networkmonitor", "notifications", "opensearch", "pca-connector-ad", "personalize"),
        *("polly", "pricing", "resource-groups", "rolesanywhere", "s3", "secretsmanager"),
        *("servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract"),
        *("timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces"),
        "xray",
    )
)
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+", re.DOTALL)
_KEY = re.compile(r"arn:[\w-]+:kms:[\w-]*:\d{12}:key/.+", re.DOTALL)
_OWNER_ONLY = frozenset(("s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"))


@dataclass(slots=True)  # not frozen: it is made for every request, and that takes twice as long
class Situation:
    """A request with what follows from who asks for what.

    `gated`: the resource's own policy must allow, or leave it to the account (KMS keys, and the
    trust policies of roles). `resource_alone`: nothing but that policy can allow (services,
    anonymous and web callers, who have no identity policies).
    """

    caller: Caller
    action: str
    resource: str
    context: Context
    policies: Policies
    cross_account: bool
    gated: bool
    resource_layer: Layer
    resource_takes_part: bool
    resource_alone: bool
    scps_apply: bool
    rcps_apply: bool
    needs_session: bool
    root_keeps: bool


class _Facts(NamedTuple):
    """What an action alone says. `service` is empty but for those with rules of their own."""

    action: str
    service: str
    unscoped: bool
    rcps: bool


@lru_cache(maxsize=50_000)
def _facts(written: str) -> _Facts:
    action = written.lower()
    service = action.partition(":")[0]
    unscoped = takes_no_resource(action)
    rcps = service in RCP_SERVICES and not unscoped and action != "kms:retiregrant"
    return _Facts(action, service if service in ("iam", "kms", "sts") else "", unscoped, rcps)


def situation(request: Request, policies: Policies) -> Situation:
    """The request as it is evaluated."""
    caller = request.caller
    action, service, unscoped, rcps = _facts(request.action)
    resource = "*" if unscoped else request.resource
    role = service in ("iam", "sts") and _ROLE.fullmatch(resource) is not None
    trust = role and service == "sts"
    key = service == "kms" and _KEY.fullmatch(resource) is not None
    # A service has no account of its own, a provider's user none yet.
    alone = caller.kind in ("service", "anonymous") or is_web(caller)
    owner = request.resource_account
    cross = bool(owner) and owner != caller.account and not alone
    return Situation(
        caller,
        action,
        resource,
        request.context,
        policies,
        cross_account=cross,
        gated=trust or key,
        resource_layer="trust" if trust else "resource",
        # A role's trust policy speaks of taking on the role, not of changing or passing it.
        resource_takes_part=trust or not role or cross,
        resource_alone=alone,
        scps_apply=not alone and not caller.service_linked,
        rcps_apply=rcps and not caller.service_linked,
        needs_session=caller.kind == "federated" and not alone,
        root_keeps=caller.kind == "root" and not cross and action in _OWNER_ONLY,
    )


def is_web(caller: Caller) -> bool:
    """Whether somebody comes with the token of an identity provider, not yet with a session."""
    return caller.kind == "federated" and ":federated-user/" not in caller.arn


def settled(here: Situation) -> Decision | None:
    """The answer where no policy has a say."""
    caller, action = here.caller, here.action
    if action.startswith("sts:"):
        return _sts(caller, action)
    if action in _OWNER_ONLY and here.cross_account:
        reason = "S3 lets only identities of the bucket's own account at its policy."
        return Decision(Answer.IMPLICITLY_DENIED, blocking="resource", reason=reason)
    return None


def _sts(caller: Caller, action: str) -> Decision | None:
    name = action.partition(":")[2]
    session = caller.kind == "session" or (caller.kind == "federated" and not is_web(caller))
    if name == "getcalleridentity" and caller.kind != "anonymous":
        return Decision(Answer.ALLOWED, reason="sts:GetCallerIdentity needs no permission.")
    if name == "getsessiontoken" and caller.kind in ("user", "root"):
        return Decision(Answer.ALLOWED, reason="sts:GetSessionToken needs no permission.")
    refused = ""
    if name == "assumerole" and caller.kind in ("root", "anonymous"):
        who = "the root user" if caller.kind == "root" else "callers without credentials"
        refused = f"sts:AssumeRole is not open to {who}."
    elif session and name in ("getfederationtoken", "getsessiontoken"):
        refused = "Sessions cannot ask for further ones in this way."
    elif session and caller.kind == "federated":
        refused = "The session of a federated user cannot call STS, save sts:GetCallerIdentity."
    if not refused:
        return None
    layer: Layer = "trust" if name == "assumerole" else "identity"
    return Decision(Answer.IMPLICITLY_DENIED, blocking=layer, reason=refused)
