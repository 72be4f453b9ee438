"""Whose AWS is read: the identity, the accounts of the organisation, the Regions that are on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import botocore.exceptions
import botocore.session

from sharedline.collect.clients import (
    EXPIRED,
    Access,
    Caller,
    CallError,
    CredentialsError,
    Failure,
    Known,
    assumed,
    frozen,
)
from sharedline.collect.fetch import Shard
from sharedline.errors import Error

_T = TypeVar("_T")
DEFAULT_REGION = "us-east-1"
#: Accounts that are asked at a time who they are.
_AT_ONCE = 16
#: What is called here; the whole model of EC2 takes 20 MB.
_CALLED = {
    "ec2": frozenset({"DescribeRegions"}),
    "organizations": frozenset({"ListAccounts"}),
}
_REGION = re.compile(r"^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$")


@dataclass(frozen=True)
class Reach:
    """The accounts and Regions of a scan, how they are reached, and what is left out and why."""

    access: Access
    session: Any
    identity: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    on: Mapping[str, frozenset[str]]
    unreachable: Mapping[str, Failure] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    #: Answers that a table of the scan asks for too.
    known: Known = field(default_factory=dict)
    said: tuple[str, ...] = ()


def base_session(options: Any, given: Any) -> Any:
    """The botocore session that the scan begins with, its role assumed if one is asked for."""
    if given is not None:
        return given
    try:
        session = botocore.session.Session(profile=options.profile or None)
        if not session.get_config_variable("region"):
            session.set_config_variable("region", DEFAULT_REGION)
        keys = frozen(session)
    except botocore.exceptions.ProfileNotFound as error:
        raise CredentialsError(f"{error}.", "See `aws configure list-profiles`.") from error
    except botocore.exceptions.BotoCoreError as error:
        raise CredentialsError(
            f"The AWS credentials cannot be used ({error}).",
            "Sign in again (for instance `aws sso login`), or pass --profile.",
        ) from error
    if not options.role_arn:
        return session
    if options.mfa_serial:
        session.set_credentials(*_with_mfa(session, options, keys))
    access = Access(
        role_name=options.role_arn,
        external_id=options.external_id,
        endpoint_url=options.endpoint_url,
    )
    return assumed(session, access, "")


def _with_mfa(session: Any, options: Any, keys: tuple[str, str, str | None]) -> tuple[Any, ...]:
    """Credentials after the code of an MFA device was typed."""
    import click

    code = click.prompt(f"MFA code for {options.mfa_serial}", hide_input=True, err=True)
    client = session.create_client(
        "sts", region_name=DEFAULT_REGION, endpoint_url=options.endpoint_url or None
    )
    try:
        found = client.get_session_token(SerialNumber=options.mfa_serial, TokenCode=code)
    except botocore.exceptions.ClientError as error:
        raise CredentialsError(f"AWS did not accept the MFA code ({error}).", "Try again.") from (
            error
        )
    del keys
    given = found["Credentials"]
    return (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def reach(options: Any, given: Any) -> Reach:
    """Finds out who is asking, and what can be read."""
    session = base_session(options, given)
    access = Access(
        keys=None if given is not None else _keys(session),
        endpoint_url=options.endpoint_url,
        rate_scale=options.rate,
    )
    caller = Caller(access, session, _CALLED)
    kept: Known = {}
    caller.kept = kept
    identity = _identity(caller)
    partition = identity["Arn"].split(":")[1]
    base = identity["Account"]
    said: list[str] = []
    accounts = [base]
    if options.org:
        accounts = _members(caller, base, said)
        access = replace(access, role_name=options.org_role, external_id=options.external_id)
    access = replace(access, base_account=base, partition=partition)
    caller = Caller(access, session, _CALLED)
    caller.kept = kept
    unreachable = _unreachable(caller, accounts, base, said)
    on: dict[str, frozenset[str]] = {}
    skipped: dict[str, str] = {}
    reachable = [account for account in accounts if account not in unreachable]
    asked = _each(reachable, lambda account: _listed(caller, account, options.regions))
    for account, found in zip(reachable, asked, strict=True):
        on[account] = _regions(caller, account, options.regions, found, skipped, said)
    regions = sorted({r for found in on.values() for r in found} or set(options.regions))
    return Reach(
        access=replace(access, regions=tuple(regions)),
        session=session,
        known={(key[0] or base, *key[1:]): answers for key, answers in kept.items()},
        identity=identity["Arn"],
        accounts=tuple(accounts),
        regions=tuple(regions),
        on=on,
        unreachable=unreachable,
        skipped=skipped,
        said=tuple(said),
    )


def _keys(session: Any) -> tuple[str, str, str | None]:
    try:
        return frozen(session)
    except botocore.exceptions.ClientError as error:
        raise CredentialsError(
            f"The role cannot be assumed ({error}).",
            "Check the role's trust policy, the external id and MFA.",
        ) from error
    except botocore.exceptions.BotoCoreError as error:
        raise CredentialsError(f"The AWS credentials cannot be used ({error}).", "Sign in.") from (
            error
        )


def _identity(caller: Caller) -> dict[str, Any]:
    try:
        return caller.call("", DEFAULT_REGION, "sts", "GetCallerIdentity", {})
    except CallError as error:
        code = error.failure.code
        if code in EXPIRED or code == "NoCredentials":
            raise CredentialsError(
                f"AWS did not accept the credentials ({code}).",
                "Renew them (for instance `aws sso login`) and run the scan again.",
            ) from error
        raise Error(
            f"AWS cannot be reached: {error.failure.call} answered {code} "
            f"({error.failure.message}).",
            "Check the network, the Region and --endpoint-url.",
        ) from error


def _each(accounts: Sequence[str], ask: Callable[[str], _T]) -> list[_T]:
    """What each account answers, in their order: an organisation may have thousands."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(ask, accounts))


def _members(caller: Caller, base: str, said: list[str]) -> list[str]:
    """The active accounts of the organisation, the asking one first."""
    found: list[dict[str, Any]] = []
    try:
        for page in caller.pages(base, DEFAULT_REGION, "organizations", "ListAccounts", {}):
            found += page.get("Accounts", [])
    except CallError as error:
        raise Error(
            f"The organisation's accounts cannot be listed: {error.failure}.",
            "Run --org from the management account or a delegated administrator, with "
            "organizations:ListAccounts allowed.",
        ) from error
    active = [a["Id"] for a in found if a.get("Status", a.get("State", "ACTIVE")) == "ACTIVE"]
    left_out = sorted(a["Id"] for a in found if a["Id"] not in active)
    if left_out:
        said.append(f"Not active, so not read: accounts {', '.join(left_out)}.")
    return [base, *sorted(a for a in active if a != base)]


def _unreachable(
    caller: Caller, accounts: list[str], base: str, said: list[str]
) -> dict[str, Failure]:
    """The accounts whose role cannot be assumed: everything in them is unknown."""
    out = {}

    def refused(account: str) -> Failure | None:
        try:
            caller.call(account, DEFAULT_REGION, "sts", "GetCallerIdentity", {})
        except CallError as error:
            return replace(error.failure, call="sts:AssumeRole")
        return None

    others = [account for account in accounts if account != base]
    for account, failure in zip(others, _each(others, refused), strict=True):
        if failure is not None:
            out[account] = failure
            said.append(
                f"Account {account} cannot be read: its role could not be assumed "
                f"({failure.code}). Everything in it is unknown."
            )
    return out


def _listed(caller: Caller, account: str, asked: tuple[str, ...]) -> dict[str, Any] | None:
    """The Regions that EC2 lists; None where it must not and the Regions are named anyway."""
    home = asked[0] if asked else DEFAULT_REGION
    if not caller.access.endpoint_url:
        _refuse_misspelt(asked)
    try:
        return caller.call(account, home, "ec2", "DescribeRegions", {"AllRegions": True})
    except CallError as error:
        if error.failure.code == "InvalidRegionError":
            raise Error(f"There is no Region {home!r}.", "See `aws ec2 describe-regions`.") from (
                error
            )
        if asked:
            return None
        raise Error(
            f"The Regions of account {account} cannot be listed: {error.failure}.",
            "Allow ec2:DescribeRegions, or name the Regions with --regions.",
        ) from error


def _regions(
    caller: Caller,
    account: str,
    asked: tuple[str, ...],
    answer: dict[str, Any] | None,
    skipped: dict[str, str],
    said: list[str],
) -> frozenset[str]:
    """The Regions to read in an account: those asked for (or all), less the disabled ones."""
    if answer is None:
        return frozenset(asked)
    state = {r["RegionName"]: r.get("OptInStatus", "") for r in answer["Regions"]}
    off = {name for name, status in state.items() if status == "not-opted-in"}
    chosen = set(asked) if asked else set(state)
    left_out = sorted(chosen & off)
    if left_out:
        skipped.update(dict.fromkeys(left_out, f"disabled in account {account}"))
        said.append(f"Disabled in account {account}, so not read: {', '.join(left_out)}.")
    unknown = sorted(chosen - set(state))
    if unknown and not caller.access.endpoint_url:
        raise Error(
            f"There is no Region {', '.join(unknown)}.", "See `aws ec2 describe-regions`."
        )
    return frozenset(chosen - off)


def _refuse_misspelt(asked: tuple[str, ...]) -> None:
    """Refuses what cannot be a Region before any call: its host would not exist.

    A Region newer than the installed botocore has the shape of one and passes.
    """
    wrong = [name for name in asked if not _REGION.match(name)]
    if wrong:
        raise Error(f"There is no Region {', '.join(wrong)}.", "See `aws ec2 describe-regions`.")


def shards_of(who: Reach) -> list[Shard]:
    """The shards in the order they are handed out: what an account has once first, then Regions."""
    partition = who.access.partition
    accounts = [a for a in who.accounts if a not in who.unreachable]
    first = [Shard(a, "global", partition) for a in accounts]
    return first + [Shard(a, r, partition) for a in accounts for r in sorted(who.on[a])]
