"""How a statement's Principal or NotPrincipal names a caller.

Sources, read 2026-11-21: https://docs.aws.amazon.com/IAM/latest/UserGuide/
reference_policies_elements_principal.html, .../reference_policies_elements_notprincipal.html and
.../reference_policies_evaluation-logic_policy-eval-denyallow.html.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from sharedline.iam.language import Condition, Principal, Statement
from sharedline.iam.request import Caller

_ACCOUNT = re.compile(r"(?:arn:[\w-]+:iam::(\d{12}):root|(\d{12}))")
#: An account principal in whose ARN the account is a star. AWS's page on Principal says that the
#: account can be made `*`, for everybody; any other wildcard within an ARN it does not take.
_EVERY_ACCOUNT = re.compile(r"arn:[\w-]+:iam::\*:root")
_SESSION = re.compile(r"arn:[\w-]+:sts::(\d{12}):assumed-role/([^/]+)/(.+)", re.DOTALL)
_ROLE = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/(?:.*/)?([^/]+)", re.DOTALL)
_USER = re.compile(r"arn:[\w-]+:iam::(\d{12}):user/.+", re.DOTALL)


class Strength(enum.IntEnum):
    """How directly a statement names a caller.

    `ACCOUNT`: by its account, which leaves the decision to that account's own policies.
    `LIMITED`: by its role (or the user of a federated session), so that a boundary and a session
    policy still limit it. `DIRECT`: itself, or everybody.
    """

    NO = 0
    ACCOUNT = 1
    LIMITED = 2
    DIRECT = 3


@dataclass(frozen=True, slots=True)
class Match:
    """How a caller is named for certain, and at most; `because` says what is not known."""

    certain: Strength
    possible: Strength
    because: Condition | str | None = None


_NO, _ACCOUNT_ONLY, _LIMITED, _DIRECT = (Match(one, one) for one in Strength)


def role_name(arn: str) -> tuple[str, str] | None:
    """A role's account and name, without its path."""
    found = _ROLE.fullmatch(arn)
    return (found[1], found[2]) if found else None


def is_everybody(principal: Principal) -> bool:
    """Whether an entry of kind AWS, or the bare star, is everybody."""
    if principal.kind == "*" or principal.value == "*":
        return principal.kind in ("*", "AWS")
    return principal.kind == "AWS" and _EVERY_ACCOUNT.fullmatch(principal.value) is not None


class Who:
    """The principals of a statement, made ready.

    An identifier such as AIDA… or AROA… is what is left of a deleted user or role: it names nobody.
    A wildcard within an ARN is no wildcard there, and the ARN names nobody.
    """

    __slots__ = (
        *("absent", "accounts", "arns", "canonical", "everybody", "federated", "negated"),
        *("of_roles", "services", "sessions", "star_service", "users"),
    )

    def __init__(self, statement: Statement) -> None:
        listed = statement.principals or ()
        aws = [one.value for one in listed if one.kind == "AWS"]
        self.absent = statement.principals is None
        self.negated = statement.not_principal
        self.everybody = any(map(is_everybody, listed))
        accounts = {one: m[1] or m[2] for one in aws if (m := _ACCOUNT.fullmatch(one))}
        self.accounts = frozenset(accounts.values())
        self.arns = frozenset(one for one in aws if one not in accounts)
        self.of_roles = frozenset(role for one in aws if (role := role_name(one)))
        self.sessions = tuple((m[1], m[2], m[3]) for one in aws if (m := _SESSION.fullmatch(one)))
        self.users = frozenset(user[1] for one in aws if (user := _USER.fullmatch(one)))
        services = {one.value.lower() for one in listed if one.kind == "Service"}
        self.services = frozenset(services)
        self.federated = frozenset(one.value for one in listed if one.kind == "Federated")
        self.star_service = "*" in services
        self.canonical = any(one.kind == "CanonicalUser" for one in listed)

    def match(self, caller: Caller, *, bounded: bool = False) -> Match:
        """How the caller is named."""
        if self.absent:
            return _NO
        return self._excepted(caller, bounded=bounded) if self.negated else self._named(caller)

    def _named(self, caller: Caller) -> Match:
        # A caller of kind `role` is one of its sessions, not known which: the ARN is LIMITED then.
        if self.everybody or (caller.kind != "role" and caller.arn in self.arns):
            return _DIRECT
        if caller.kind == "anonymous":
            return _NO
        if caller.kind == "service":
            return self._service(caller)
        web = caller.kind == "federated" and ":federated-user/" not in caller.arn
        if caller.arn in self.federated or (web and "*" in self.federated):
            return _DIRECT
        certain = Strength.NO
        if caller.account in self.accounts:
            certain = Strength.DIRECT if caller.kind == "root" else Strength.ACCOUNT
        if self._role(caller) or (caller.kind == "federated" and caller.role in self.arns):
            certain = Strength.LIMITED
        return self._possible(caller, certain)

    def _service(self, caller: Caller) -> Match:
        if caller.arn.lower() in self.services or caller.arn in self.federated:
            return _DIRECT
        if self.star_service:
            return Match(
                Strength.NO, Strength.DIRECT, "AWS does not define Service: * in Principal"
            )
        return _NO

    def _role(self, caller: Caller) -> bool:
        """Whether the caller's role is listed. A session's ARN leaves out the role's path."""
        if not caller.role or caller.kind not in ("role", "session"):
            return False
        if caller.role in self.arns:
            return True
        if not self.of_roles or ":role/" not in caller.role:
            return False
        account, name = role_name(caller.role) or ("", "")
        return caller.role.count("/") == 1 and (account, name) in self.of_roles

    def _possible(self, caller: Caller, certain: Strength) -> Match:
        if caller.kind == "role" and self.sessions:
            mine = role_name(caller.role)
            names = tuple(one[2] for one in self.sessions if one[:2] == mine)
            if names:
                because = Condition("stringequals", "", False, "sts:rolesessionname", names)
                return Match(certain, Strength.DIRECT, because)
        of_user = ":federated-user/" in caller.arn and not caller.role
        if of_user and caller.account in self.users and certain < Strength.LIMITED:
            why = "which user asked for the federated session is not known"
            return Match(certain, Strength.LIMITED, why)
        if self.canonical and certain < Strength.ACCOUNT:
            why = "which account a canonical user id stands for is not known"
            return Match(certain, Strength.ACCOUNT, why)
        return (_NO, _ACCOUNT_ONLY, _LIMITED, _DIRECT)[certain]

    def _excepted(self, caller: Caller, *, bounded: bool) -> Match:
        """NotPrincipal: everybody but those listed, of whom the account must be listed too."""
        if self.everybody:
            return _NO
        if bounded and caller.kind in ("user", "role", "session", "federated"):
            return _DIRECT  # AWS: with a Deny, it always takes in who has a permissions boundary
        if caller.kind in ("anonymous", "service"):
            named = self._service(caller) if caller.kind == "service" else _NO
            if named is _NO:
                return _DIRECT
            return Match(_flip(named.possible), _flip(named.certain), named.because)
        account = caller.account in self.accounts
        if caller.kind == "root":
            return _NO if account else _DIRECT
        own = caller.arn in self.arns or caller.arn in self.federated
        exempt = self._role(caller) if caller.role and caller.kind != "federated" else own
        if exempt and account:
            return _NO
        possible = self._possible(caller, Strength.NO)
        if own or exempt or possible.possible:
            why = "NotPrincipal lists the caller without its account or its role"
            because = why if own or exempt else possible.because
            return Match(Strength.NO, Strength.DIRECT, because)
        return _DIRECT


def _flip(named: Strength) -> Strength:
    return Strength.NO if named else Strength.DIRECT
