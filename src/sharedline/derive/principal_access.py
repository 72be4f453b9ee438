"""The table `principal_access`: what each user and role is in effect, one row for each.

`bypasses_mfa` is True for a user that can do a sensitive action (`sensitive.toml`: power,
credentials, federation, keys, logging, detection) without MFA: with an active access key, whose
requests carry no word of MFA, or with a password and no MFA device. It is asked of every key of
KMS and every identity of the scan, and of what stands for all of other kinds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation, Row, Rows
from sharedline.iam.access.administrators import administrator, boundary_binds, grants_everything
from sharedline.iam.access.entries import PrincipalEntry
from sharedline.iam.access.estate import OPTIONAL, PRINCIPAL_READS, RESOURCE_READS, Estate, build
from sharedline.iam.access.sensitive import groups
from sharedline.iam.access.targets import Targets
from sharedline.iam.access.who_can import Map
from sharedline.iam.actions import find
from sharedline.iam.request import Context

#: The groups of sensitive actions for which MFA is looked at.
GUARDED = frozenset({"power", "credentials", "federation", "keys", "logging", "detection"})
_MFA = ("aws:multifactorauthpresent", "aws:multifactorauthage")
#: A request signed with an access key says nothing of MFA; one of the console without it says no.
_BY_KEY = Context(complete=False, absent=frozenset(_MFA))
_BY_PASSWORD = Context({_MFA[0]: ("false",)}, complete=False, absent=frozenset(_MFA[1:]))


@dataclass(frozen=True, slots=True)
class _Without:
    """By user a sensitive action that it can do without MFA: surely, or else perhaps."""

    surely: Mapping[str, str]
    perhaps: Mapping[str, str]


def _without_mfa(estate: Estate, users: Iterable[str], how: Context) -> _Without:
    asked = list(users)
    surely: dict[str, str] = {}
    perhaps: dict[str, str] = {}
    if asked:
        targets = Targets(estate)
        maps: dict[tuple[str, ...], Map] = {}
        for name in (one for group in groups() if group.name in GUARDED for one in group.actions):
            action = find(name)
            assert action is not None
            on = targets.of(action)
            if on not in maps:
                maps[on] = Map(estate, on, asked, how)
            for user, reach in maps[on].reach(name).items():
                if reach.yes:
                    surely.setdefault(user, name)
                elif reach.depends or reach.unknown:
                    perhaps.setdefault(user, name)
    return _Without(surely, perhaps)


class _Mfa:
    """Which users get round MFA."""

    def __init__(self, estate: Estate) -> None:
        users = [one for one in estate.principals.values() if not one.is_role]
        creds = {one.arn: one.credentials for one in users}
        keyed = [arn for arn, has in creds.items() if has is None or has.keys is not False]
        signed = [
            arn
            for arn, has in creds.items()
            if has is None or (has.password is not False and has.mfa is not True)
        ]
        self._unlisted = estate.unlisted
        self._could = {*keyed, *signed}
        self._by_key = _without_mfa(estate, keyed, _BY_KEY)
        self._by_password = _without_mfa(estate, signed, _BY_PASSWORD)

    def of(self, user: PrincipalEntry) -> tuple[bool | None, str]:
        """Whether a user does, None where it is not known; and by what."""
        if user.is_role:
            return None, ""
        has = user.credentials
        key = has.keys if has else None
        password = has.password if has else None
        if has and password is not False:
            password = False if has.mfa else None if has.mfa is None else password
        answers = [
            _with(user.arn, self._by_key, "an access key", holds=key),
            _with(user.arn, self._by_password, "a password and no MFA device", holds=password),
        ]
        # Found surely before not known, not known before not at all.
        found = min(answers, key=lambda one: (True, None, False).index(one[0]))
        blind = (user.account, "kms_key") in self._unlisted
        if found[0] is False and blind and user.arn in self._could:
            return None, "the KMS keys that it could decrypt with could not be listed"
        return found


def _with(user: str, found: _Without, means: str, *, holds: bool | None) -> tuple[bool | None, str]:
    action = found.surely.get(user) or found.perhaps.get(user)
    if holds is False or action is None:
        return False, ""
    if holds and user in found.surely:
        return True, f"{action} with {means}"
    unsure = "whether it has one is not known" if holds is None else "that is not certain"
    return None, f"{action} with {means}, but {unsure}"


def _decrypts(estate: Estate) -> Mapping[str, list[str]]:
    """The keys with which each principal can decrypt without condition; `*` for all of them."""
    keys = [arn for arn, one in estate.resources.items() if one.table_name == "kms_key"]
    own: dict[str, set[str]] = defaultdict(set)
    for arn in keys:
        own[estate.resources[arn].account].add(arn)
    over = Map(estate, keys)
    found = {}
    for principal, reach in over.reach("kms:Decrypt").items():
        names = over.select(reach.yes)
        home = estate.principals[principal].account
        others = [one for one in names if one not in own[home]]
        all_ = names and own[home] and own[home] <= set(names)
        found[principal] = ["*", *others] if all_ else names
    return found


def _rows(estate: Estate) -> Iterator[Row]:
    mfa = _Mfa(estate)
    decrypts = _decrypts(estate)
    for one in estate.principals.values():
        admin = administrator(estate, one)
        everything = grants_everything(estate, one)
        boundary = boundary_binds(estate, one)
        bypasses, by_what = mfa.of(one)
        yield {
            "arn": one.arn,
            "account_id": one.account,
            "region": "global",
            "table_name": one.table_name,
            "kind": "role" if one.is_role else "user",
            "name": one.name,
            "is_service_linked": one.caller.service_linked,
            "is_admin": admin.value,
            "admin_reason": admin.why,
            "grants_everything": everything.value,
            "boundary_arn": one.boundary_arn,
            "boundary_binds": boundary.value,
            "boundary_reason": boundary.why,
            "bypasses_mfa": bypasses,
            "mfa_reason": by_what,
            "unconditional_decrypt": decrypts[one.arn],
        }


def _run(tables: Rows) -> Iterator[Row]:
    yield from _rows(build(tables))


COLUMNS: Mapping[str, tuple[Type, str]] = {
    "arn": ("string", "The user or role."),
    "account_id": ("string", "Its account."),
    "region": ("string", "Always `global`."),
    "table_name": ("string", "`iam_user` or `iam_role`."),
    "kind": ("string", "`user` or `role`."),
    "name": ("string", "Its name."),
    "is_service_linked": ("bool", "AWS made it for a service of its own, and alone can use it."),
    "is_admin": (
        "bool",
        (
            "An administrator in effect: after boundary and SCPs it can give policies to any identity, "
            "make keys for any user, change any trust and pass any role. NULL: not known."
        ),
    ),
    "admin_reason": ("string", "By which policies, or what stands in the way."),
    "grants_everything": (
        "bool",
        "Its own policies alone allow everything, before boundary and SCPs. NULL: not readable.",
    ),
    "boundary_arn": ("string", "Its permissions boundary; empty without one."),
    "boundary_binds": (
        "bool",
        (
            "The boundary limits it: it does not allow everything, nor can its holder change it. NULL "
            "without a boundary, or where it was not readable."
        ),
    ),
    "boundary_reason": ("string", "Why the boundary does not bind, or why that is not known."),
    "bypasses_mfa": (
        "bool",
        (
            "The user can do something sensitive without MFA: with an access key, or with a password "
            "and no MFA device. NULL for roles, and where it is not known."
        ),
    ),
    "mfa_reason": ("string", "Which sensitive action, by which credentials; empty for none."),
    "unconditional_decrypt": (
        "strings",
        "The KMS keys with which it can decrypt without condition; `*` for all of its account.",
    ),
}

PRINCIPAL_ACCESS = Derivation(
    name="principal_access",
    doc="For each user and role: whether it is an administrator in effect, what limits it.",
    reads={**PRINCIPAL_READS, "kms_key": RESOURCE_READS["kms_key"]},
    columns=COLUMNS,
    run=_run,
    optional=OPTIONAL & {*PRINCIPAL_READS, "kms_key"},
)
