"""Who is an administrator in effect, what grants everything, and which boundaries do not bind.

An *administrator in effect* can do, to any user, role and policy of its account, each action of
`POWERS`: give policies to identities, make keys for users, change whom roles trust, pass any role.
Whoever can do that can give itself all else, so that a Deny of something in particular (one Region,
one service) makes it no less of one; a boundary or SCP that takes any of `POWERS` away does. What
the caller can bring about by itself (MFA, TLS, the Region of IAM) counts as given. Where other
conditions decide, or something was not readable, it is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from sharedline.iam.access import meeting
from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.access.estate import Estate
from sharedline.iam.evaluate import evaluate
from sharedline.iam.language import Layer
from sharedline.iam.request import Answer, Context, Decision, Policies, Request

#: Actions with the kind of identity that each is done to.
POWERS: Final = (
    ("iam:AttachRolePolicy", "role"),
    ("iam:PutRolePolicy", "role"),
    ("iam:UpdateAssumeRolePolicy", "role"),
    ("iam:PassRole", "role"),
    ("iam:AttachUserPolicy", "user"),
    ("iam:PutUserPolicy", "user"),
    ("iam:CreateAccessKey", "user"),
    ("iam:CreatePolicyVersion", "policy"),
)
#: Beside `POWERS`: an action that no service has, so that only patterns of all actions (`*`, or
#: all but some) take it in, and one of each of the services that are most often left out.
EVERYTHING: Final = (
    *("sharedline:Anything", "s3:GetObject", "kms:Decrypt", "ec2:RunInstances", "sts:AssumeRole"),
    *("organizations:DescribeOrganization", "account:GetContactInformation"),
    *("lambda:UpdateFunctionCode", "secretsmanager:GetSecretValue", "cloudtrail:StopLogging"),
)
#: What a caller can see to: signed in with MFA just now, and IAM's requests go to one Region.
_SEEN_TO: Final = {
    "aws:multifactorauthpresent": ("true",),
    "aws:multifactorauthage": ("1",),
    "aws:requestedregion": ("us-east-1",),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """True, False, or None where it is not known; and why."""

    value: bool | None
    why: str = ""


def context_of(estate: Estate, entry: PrincipalEntry) -> Context:
    """What is known of a request to IAM that a caller means to succeed."""
    values, absent = meeting.of_principal(estate.organization, entry, estate.keys)
    known = {**values, **_SEEN_TO, "aws:resourceaccount": (entry.account,)}
    return Context(known, complete=False, absent=frozenset(absent))


def any_of_kind(entry: PrincipalEntry, kind: str) -> str:
    """An identity or policy of the account that no policy names."""
    partition = entry.arn.split(":", 2)[1]
    return f"arn:{partition}:iam::{entry.account}:{kind}/sharedline-any"


def _all(
    entry: PrincipalEntry, policies: Policies, context: Context, asked: Iterable[tuple[str, str]]
) -> Verdict:
    """Whether all is allowed; the first that is not says why."""
    open_: list[Decision] = []
    for action, resource in asked:
        request = Request(entry.caller, action, resource, context, entry.account)
        found = evaluate(request, policies)
        if found.answer in (Answer.EXPLICITLY_DENIED, Answer.IMPLICITLY_DENIED):
            return Verdict(value=False, why=f"{action}: {found.reason}")
        if found.answer is not Answer.ALLOWED:
            open_.append(found)
    if not open_:
        return Verdict(value=True)
    # What could not be read weighs more than what depends.
    worst = next((one for one in open_ if one.answer is Answer.UNKNOWN), open_[0])
    return Verdict(value=None, why=worst.reason)


def administrator(estate: Estate, entry: PrincipalEntry) -> Verdict:
    """Whether a principal is an administrator in effect."""
    if not entry.identity and not entry.unreadable:
        return Verdict(value=False, why="It has no identity policy.")
    policies = meeting.policies(estate.organization, entry, "", None)
    asked = [(action, any_of_kind(entry, kind)) for action, kind in POWERS]
    found = _all(entry, policies, context_of(estate, entry), asked)
    if not found.value:
        return found
    by = sorted({one.name for one in entry.identity if _gives(entry, one)})
    return replace(found, why=f"By {', '.join(by)}." if by else "By its policies together.")


def _gives(entry: PrincipalEntry, policy: object) -> bool:
    """Whether one policy alone gives the first of the powers."""
    several = tuple(one for one in entry.identity if one is policy)
    context = Context(_SEEN_TO, complete=False)
    action, kind = POWERS[0]
    asked = [(action, any_of_kind(entry, kind))]
    return bool(_all(entry, Policies(identity=several), context, asked).value)


def _everything(entry: PrincipalEntry) -> list[tuple[str, str]]:
    powers = [(action, any_of_kind(entry, kind)) for action, kind in POWERS]
    return [*((one, "arn:aws:sharedline:::any") for one in EVERYTHING), *powers]


def grants_everything(estate: Estate, entry: PrincipalEntry) -> Verdict:
    """Whether the identity policies alone allow everything, before any boundary or SCP."""
    if not entry.identity and "identity" not in entry.unreadable:
        return Verdict(value=False, why="It has no identity policy.")
    unread: dict[Layer, str] = {
        layer: why for layer, why in entry.unreadable.items() if layer == "identity"
    }
    alone = Policies(identity=entry.identity, unreadable=unread)
    return _all(entry, alone, context_of(estate, entry), _everything(entry))


def boundary_binds(estate: Estate, entry: PrincipalEntry) -> Verdict:
    """Whether a boundary limits its holder; None without one, too.

    It does not where it allows everything itself, or where the holder can take it off, put another
    in its place, or rewrite it.
    """
    if "boundary" in entry.unreadable:
        return Verdict(value=None, why=entry.unreadable["boundary"])
    if entry.boundary is None:
        return Verdict(value=None, why="It has no boundary.")
    context = context_of(estate, entry)
    alone = _all(entry, Policies(identity=entry.boundary), context, _everything(entry))
    if alone.value:
        return Verdict(value=False, why="The boundary allows everything.")
    kind = "Role" if entry.is_role else "User"
    own = entry.boundary_arn
    ways = [
        (f"iam:Delete{kind}PermissionsBoundary", entry.arn),
        (f"iam:Put{kind}PermissionsBoundary", entry.arn),
    ]
    if ":iam::aws:" not in own:
        ways += [("iam:CreatePolicyVersion", own), ("iam:SetDefaultPolicyVersion", own)]
    policies = meeting.policies(estate.organization, entry, "", None)
    unsure = alone.why if alone.value is None else ""
    for action, resource in ways:
        found = _all(entry, policies, context, [(action, resource)])
        if found.value:
            return Verdict(value=False, why=f"Its holder can do {action} on {resource}.")
        unsure = unsure or ("" if found.value is False else found.why)
    return Verdict(value=None, why=unsure) if unsure else Verdict(value=True)
