"""Which policies meet in a request, and which condition keys a scan itself decides.

Source: "AWS global condition context keys" of the IAM User Guide,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
(read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sharedline.iam import conditions
from sharedline.iam.access.carriers import can_carry, holders
from sharedline.iam.access.entries import PrincipalEntry, ResourceEntry
from sharedline.iam.access.organization import RCP, SCP, Organization
from sharedline.iam.actions import matching
from sharedline.iam.globs import Glob
from sharedline.iam.language import Layer, Policy
from sharedline.iam.request import Context, Policies

Values = dict[str, tuple[str, ...]]

#: Keys that only a request of an AWS service's own carries; a user's or role's has none of them.
_OF_SERVICES = (
    *("aws:principalservicename", "aws:principalservicenameslist", "aws:sourcearn"),
    *("aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"),
)
#: Services whose tags stand under their own key too.
_OWN_TAG_KEY = frozenset({"iam", "secretsmanager", "ec2", "ecr", "ssm"})
_PRINCIPAL_TAG = "aws:principaltag/"
_RESOURCE_TAG = ":resourcetag/"


def policies(
    organization: Organization,
    principal: PrincipalEntry,
    resource: str,
    held: ResourceEntry | None,
) -> Policies:
    """The policies of a request of a principal for a resource ("" or `*`: for none)."""
    unreadable: dict[Layer, str] = {
        layer: f"{principal.name}: {why}"
        for layer, why in principal.unreadable.items()
        if layer != "trust"
    }
    above = organization.guardrails(principal.account, SCP)
    if above.unreadable:
        unreadable["scp"] = above.unreadable
    rcps: tuple[tuple[Policy, ...], ...] = ()
    if held is not None and held.guarded:
        beyond = organization.guardrails(held.account, RCP)
        rcps = beyond.levels
        if beyond.unreadable:
            unreadable["rcp"] = beyond.unreadable
    why = unread(resource, held)
    if why:
        unreadable["resource"] = why
    return Policies(
        identity=principal.identity,
        resource=held.policy if held else None,
        boundary=principal.boundary,
        scps=above.levels,
        rcps=rcps,
        unreadable=unreadable,
    )


def unread(resource: str, held: ResourceEntry | None) -> str:
    """Why the policy of a resource is not known; empty where it is, or it can have none."""
    if held is not None:
        return f"{held.arn}: {held.why}" if held.why else ""
    # A wildcard in its name says that it stands for all of a kind, of which the scan has none.
    if can_carry(resource) and "*" not in holders(resource)[-1]:
        return f"the policy of {resource} was not read"
    return ""


@lru_cache(maxsize=4096)
def _tags_sessions(action: Glob) -> bool:
    return any(one.name == "TagSession" for one in matching(action.text) if one.service == "sts")


def own_tags_hold(principal: PrincipalEntry) -> bool:
    """Whether a session of a role keeps the role's tags: its trust lets no caller set others."""
    if not principal.is_role:
        return True
    if principal.trust is None or not principal.trust.whole:
        return False
    return not any(
        one.not_action or any(map(_tags_sessions, one.actions)) for one in principal.trust.allows
    )


def of_principal(
    organization: Organization, principal: PrincipalEntry, keys: Iterable[str]
) -> tuple[Values, set[str]]:
    """The keys that tell of the caller, with their values, and those that are surely absent."""
    values: Values = {
        "aws:principalarn": (principal.arn,),
        "aws:principalaccount": (principal.account,),
        "kms:calleraccount": (principal.account,),
        "aws:principaltype": ("AssumedRole" if principal.is_role else "User",),
        "aws:principalisawsservice": ("false",),
        # Whoever asks may always use TLS.
        "aws:securetransport": ("true",),
    }
    absent = set(_OF_SERVICES)
    if principal.is_role:
        absent.add("aws:username")
    else:
        values["aws:username"] = (principal.name,)
    _of_account(organization, principal.account, "principal", values, absent)
    if principal.tags is not None and own_tags_hold(principal):
        tags = {key.lower(): value for key, value in principal.tags.items()}
        for key in keys:
            if key.startswith(_PRINCIPAL_TAG):
                found = tags.get(key.removeprefix(_PRINCIPAL_TAG))
                if found is None:
                    absent.add(key)
                else:
                    values[key] = (found,)
    return values, absent


def _of_account(
    organization: Organization, account: str, whose: str, values: Values, absent: set[str]
) -> None:
    org = organization.id_of(account)
    if org:
        values[f"aws:{whose}orgid"] = (org,)
        path = organization.path_of(account)
        if path:
            values[f"aws:{whose}orgpaths"] = (path,)
    elif org == "":
        absent |= {f"aws:{whose}orgid", f"aws:{whose}orgpaths"}


def region_of(resource: str, held: ResourceEntry | None) -> str:
    """The Region where a resource is asked for; empty where its name and the scan do not say."""
    region = held.region if held is not None else ""
    if region in ("", "global"):
        region = resource.split(":", 4)[3] if resource.count(":") >= 4 else ""
    return "" if "*" in region else region


def of_resource(
    organization: Organization,
    account: str,
    held: ResourceEntry | None,
    keys: Iterable[str],
    region: str = "",
) -> tuple[Values, set[str]]:
    """The keys that tell of the resource, its account and Region ("": not known)."""
    values: Values = {"aws:requestedregion": (region,)} if region else {}
    absent: set[str] = set()
    if account:
        values["aws:resourceaccount"] = (account,)
        values["s3:resourceaccount"] = (account,)
        _of_account(organization, account, "resource", values, absent)
    # S3 reads the tags of a bucket only where its owner has switched that on.
    if held is None or held.tags is None or held.table_name == "s3_bucket":
        return values, absent
    service = held.arn.split(":", 3)[2]
    tags = {key.lower(): value for key, value in held.tags.items()}
    for key in keys:
        prefix, mark, name = key.partition(_RESOURCE_TAG)
        if mark and (prefix == "aws" or (prefix == service and service in _OWN_TAG_KEY)):
            if name in tags:
                values[key] = (tags[name],)
            else:
                absent.add(key)
    return values, absent


def context(
    organization: Organization,
    principal: PrincipalEntry,
    account: str,
    held: ResourceEntry | None,
    keys: frozenset[str],
    region: str = "",
) -> Context:
    """The keys that a scan decides of a request; those that are neither are not known."""
    ours, without = of_principal(organization, principal, keys)
    theirs, lacking = of_resource(organization, account, held, keys, region)
    return Context({**ours, **theirs}, complete=False, absent=frozenset(without | lacking))


def keys_of(found: Iterable[Policy]) -> frozenset[str]:
    """Every condition key that the policies speak of, in conditions or variables."""
    keys: set[str] = set()
    for policy in found:
        for statement in policy.statements:
            for pattern in statement.resources or ():
                keys.update(one.key for one in pattern.variables)
            for condition in statement.conditions:
                keys |= conditions.keys_of(condition)
    return frozenset(keys)
