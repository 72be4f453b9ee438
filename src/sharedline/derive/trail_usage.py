"""The tables that SQL over the lake's trail makes: what was used, by whom, when (`trail.usage`)."""

from __future__ import annotations

from collections.abc import Mapping

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation

_SPAN: Mapping[str, tuple[Type, str]] = {
    "trail_from": ("timestamp", "The first event of the account that the lake holds."),
    "trail_to": ("timestamp", "The last one: of what is outside, the table says nothing."),
}

IAM_USAGE = Derivation(
    name="iam_usage",
    doc="What each user, role and root user did: an action on a resource, how often, since when.",
    reads={},
    of_trail=True,
    columns={
        "principal_arn": ("string", "The user or role, or the root user."),
        "action": ("string", "The IAM action, as `service:Action`."),
        "service": ("string", "The action's IAM prefix."),
        "resource": ("string", "The resource's ARN; `*`: none, or no certain one."),
        "first_used": ("timestamp", "The first use; NULL: none was allowed."),
        "last_used": ("timestamp", "The last use; NULL: none was allowed."),
        "used_count": ("int", "How often it was used."),
        "last_denied": ("timestamp", "The last refusal."),
        "denied_count": ("int", "How often it was refused for want of permission."),
        "how": ("string", "`console`, `api` or `both`."),
        **_SPAN,
    },
    run=lambda _: (),
)

SERVICE_USAGE = Derivation(
    name="service_usage",
    doc="Which services were used in each account and Region, and by what kind of principal.",
    reads={},
    of_trail=True,
    columns={
        "service": ("string", "The service, by its name here."),
        "principal_kind": (
            "string",
            "`role`, `user`, `root`, `service`, `account` (another one) or `other`.",
        ),
        "last_used": ("timestamp", "The last use; NULL: none was allowed."),
        "used_count": ("int", "How many calls were not refused."),
        "change_count": ("int", "How many of those changed something."),
        "denied_count": ("int", "How many calls were refused for want of permission."),
        **_SPAN,
    },
    run=lambda _: (),
)
