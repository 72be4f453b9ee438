"""Callers that stand for all callers, as far as the principals of two policies tell them apart.

The keys that say who the caller is go with it. Source: "Properties of the principal" in
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
(read 2026-11-21).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sharedline.iam.compare.algebra import step
from sharedline.iam.compare.candidates import base_of, texts_apart, value_globs, varied
from sharedline.iam.compare.regions import Points
from sharedline.iam.conditions import holds
from sharedline.iam.globs import Glob, glob
from sharedline.iam.language import Condition, Principal, Statement
from sharedline.iam.match import principal_matches
from sharedline.iam.principals import Strength
from sharedline.iam.request import Caller, Context
from sharedline.iam.special import is_web

#: The keys that the caller itself decides.
KEYS = frozenset(
    f"aws:principal{name}" for name in ("arn", "account", "type", "isawsservice", "servicename")
)
STRANGER = "888888888888"
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_TYPES = {
    "user": "User",
    "role": "AssumedRole",
    "session": "AssumedRole",
    "federated": "FederatedUser",
    "root": "Account",
    "anonymous": "Anonymous",
}


@dataclass(frozen=True, slots=True)
class Point:
    """A caller with the keys that it decides."""

    caller: Caller
    context: Context


Who = tuple[tuple[Principal, ...] | None, bool]


def who(statement: Statement) -> Who:
    """The atom of a statement's principals."""
    return statement.principals, statement.not_principal


def _point(caller: Caller) -> Point:
    values = {"aws:principalisawsservice": "true" if caller.kind == "service" else "false"}
    if is_web(caller):
        return Point(caller, Context({}))  # who comes with a token has no account yet
    if caller.kind == "service":
        values["aws:principalservicename"] = caller.arn
    else:
        values["aws:principaltype"] = _TYPES[caller.kind]
        values["aws:principalaccount"] = caller.account or "anonymous"
    if caller.kind not in ("service", "anonymous"):
        values["aws:principalarn"] = caller.role if caller.kind == "session" else caller.arn
    return Point(caller, Context({key: (value,) for key, value in values.items()}))


def _session(role: str, name: str = "session") -> Caller:
    _, partition, _, _, account, rest = role.split(":", 5)
    arn = f"arn:{partition}:sts::{account}:assumed-role/{rest.rsplit('/', 1)[-1]}/{name}"
    return Caller(arn, "session", account, role)


#: The kinds of principal that have an ARN: its form and a usual one.
_FORMS = {
    "role": ("iam", "role/?*", "role/Example"),
    "user": ("iam", "user/?*", "user/Example"),
    "federated": ("sts", "federated-user/?*", "federated-user/Example"),
    "root": ("iam", "root", "root"),
}


def _of_form(kind: str, arn: str, account: str) -> Caller:
    if kind == "role":
        return _session(arn)
    if kind == "root":
        return Caller(arn, "root", account)
    return Caller(arn, "user" if kind == "user" else "federated", account)


def _accounts(texts: Iterable[str]) -> list[str]:
    found = {account for text in texts for account in _ACCOUNT.findall(text)}
    stranger = next(str(n) for n in range(int(STRANGER), 10**12) if str(n) not in found)
    return [stranger, *sorted(found)]


def _named(principals: Iterable[Principal]) -> Iterator[Caller]:
    """The callers that principals name one by one."""
    for one in principals:
        value = one.value
        if one.kind == "Service" and value != "*":
            yield Caller(value, "service")
        elif one.kind == "Federated" and value != "*":
            account = _ACCOUNT.search(value)
            yield Caller(value, "federated", account[0] if account else "")
        elif one.kind == "AWS" and ":assumed-role/" in value:
            head, _, rest = value.partition(":assumed-role/")
            role, _, name = rest.partition("/")
            partition, account_id = head.split(":")[1], head.split(":")[-1]
            if name:
                yield _session(f"arn:{partition}:iam::{account_id}:role/{role}", name)


def _strangers() -> Iterator[Caller]:
    yield Caller("*", "anonymous")
    yield Caller("example.amazonaws.com", "service")
    provider = f"arn:aws:iam::{STRANGER}:oidc-provider/example.com"
    yield Caller(provider, "federated", STRANGER)
    yield Caller(provider.replace("oidc", "saml"), "federated", STRANGER)


def _partitions(globs: Sequence[Glob]) -> list[str]:
    named = {one.text.split(":")[1] for one in globs if one.text.startswith("arn:")}
    plain = {one for one in named if one and not set(one) & set("*?$")}
    wild = any(one not in plain for one in named) or any(one.everything for one in globs)
    return ["aws", *sorted({*plain, *(("aws-cn",) if wild and plain else ())} - {"aws"})]


def _partial(globs: Iterable[Glob]) -> bool:
    """Whether a pattern tells apart accounts that it does not name."""
    for one in globs:
        parts = one.text.split(":")
        account = parts[4] if len(parts) > 4 else ""
        if set(account) & set("*?") and account not in ("*", "?" * 12):
            return True
        if not one.text.startswith("arn:") and set(one.text) - {"*"} and not one.literal:
            return True
    return False


def _with_arns(globs: Sequence[Glob], accounts: Sequence[str]) -> Iterator[Caller]:
    patterns = [one for one in globs if not one.literal and not one.everything]
    literals: dict[str, list[Glob]] = defaultdict(list)
    for one in globs:
        if one.literal:
            literals[":".join(one.prefix.split(":", 5)[:5])].append(one)
    for partition in _partitions(globs):
        for account in accounts:
            step()
            for kind, (service, form, usual) in _FORMS.items():
                head = f"arn:{partition}:{service}::{account}"
                within = glob(f"{head}:{form}")
                avoid = [one for one in literals.get(head, ()) if within.matches(one.prefix)]
                for one in avoid:
                    yield _of_form(kind, one.prefix, account)
                mine = [one for one in patterns if f"{head}:".startswith(one.prefix[: len(head)])]
                nice = f"{head}:{usual}"
                plain = not mine and not any(one.prefix == nice for one in avoid)
                arns = [nice] if plain else texts_apart(mine, avoid, within=within, nice=nice)
                for arn in arns:
                    yield _of_form(kind, arn, account)


def _every(principals: Sequence[Principal], conditions: Sequence[Condition]) -> Iterator[Caller]:
    named = [one for one in conditions if one.key == "aws:principalarn"]
    globs = [
        g
        for one in named
        if base_of(one).startswith(("string", "arn")) and not varied(one)
        for g in value_globs(one)
    ]
    globs += [glob(p.value, wildcards=False) for p in principals if p.kind == "AWS"]
    texts = [p.value for p in principals] + [v for one in conditions for v in one.values]
    yield from _with_arns(list(dict.fromkeys(globs)), _accounts(texts))


def accounts_named(statements: Iterable[Statement]) -> frozenset[str]:
    """The accounts that principals and conditions on who calls name."""
    found: set[str] = set()
    for it in statements:
        texts = [p.value for p in it.principals or ()]
        texts += [v for one in it.conditions if one.key in KEYS for v in one.values]
        for text in texts:
            found.update(_ACCOUNT.findall(text))
    return frozenset(found)


@lru_cache(maxsize=2_000)
def of_policies(
    whos: tuple[Who, ...], conditions: tuple[Condition, ...], *, identity: bool
) -> Points[Point]:
    """The callers that tell apart the principals and the conditions on who calls."""
    principals = [p for listed, _ in whos for p in listed or ()]
    callers: dict[Caller, None] = {}
    for one in _every(principals, conditions):
        if not (identity and one.kind == "root"):
            callers.setdefault(one)
    if not identity:
        callers.update(dict.fromkeys((*_strangers(), *_named(principals))))
    made = Points([_point(one) for one in callers], _unknown(principals, conditions))
    for named in whos:
        statement = _bare(named)
        made.add(named, lambda point, it=statement: _is_named(it, point.caller))  # type: ignore[misc]
    for test in conditions:
        made.add(
            test,
            lambda point, it=test: None if varied(it) else holds(it, point.context),  # type: ignore[misc]
        )
    return made


def _unknown(principals: Iterable[Principal], conditions: Sequence[Condition]) -> str:
    if any(one.kind == "CanonicalUser" for one in principals):
        return "which account a canonical user id stands for is not known"
    if any(varied(one) for one in conditions):
        return "a policy variable's value is not known"
    textual = [one for one in conditions if base_of(one).startswith(("string", "arn"))]
    globs = [g for one in textual for g in value_globs(one)]
    if any(g.fold for g in globs) or _partial(globs):
        return "a condition compares a part of the caller's account or ARN"
    return ""


def _bare(named: Who) -> Statement:
    return Statement(0, "", "Allow", *named, (), False, None, False, ())


def _is_named(statement: Statement, caller: Caller) -> bool | None:
    found = principal_matches(statement, caller)
    if found.certain is not Strength.NO:
        return True
    return False if found.possible is Strength.NO else None
