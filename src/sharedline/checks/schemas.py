"""The columns of every table that a check may read: inventory, derived, and those of intent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from sharedline.collect.catalogue import catalogue
from sharedline.collect.schema import describe
from sharedline.collect.table import STANDARD, Type
from sharedline.derive import derivations

_BASE: Mapping[str, Type] = {n: kind for n, (kind, _) in STANDARD.items()}
_DOCS = {n: doc for n, (_, doc) in STANDARD.items()}

#: Tables that the scan itself makes: column -> (type, documentation).
OWN: Mapping[str, tuple[str, Mapping[str, tuple[Type, str]]]] = {
    "account_region": (
        "One row per account and Region of the scan.",
        {},
    ),
    "listing": (
        "How reading each table ended, per account and Region.",
        {
            "table_name": ("string", "The table that was listed."),
            "status": ("string", "`ok`, `partial`, `failed` or `not_offered`."),
            "call": ("string", "The call that failed, as `service:Operation`."),
            "code": ("string", "AWS's error code."),
        },
    ),
    "attestation": (
        "Dated statements by people that a duty was done, with evidence and an expiry.",
        {
            "duty": ("string", "The duty that was done."),
            "scope": ("string", "An account id, a service, a resource glob, or `*`."),
            "statement": ("string", "What was done."),
            "evidence": ("string", "Where the evidence lies."),
            "by_whom": ("string", "The person who attests."),
            "at": ("timestamp", "When it was done."),
            "expires": ("timestamp", "When it must be done again."),
        },
    ),
    "waiver": (
        "Accepted exceptions to findings: reason, approver, expiry.",
        {
            "check_glob": ("string", "The checks it covers."),
            "duty_glob": ("string", "The duties it covers."),
            "resource_glob": ("string", "The resources it covers."),
            "account_glob": ("string", "The accounts it covers."),
            "reason": ("string", "Why the exception is accepted."),
            "approver": ("string", "Who accepted it."),
            "expires": ("timestamp", "When it ends."),
        },
    ),
}


def own_columns(name: str) -> dict[str, Type]:
    """The columns of a table that the scan itself makes."""
    return {**_BASE, **{c: kind for c, (kind, _) in OWN[name][1].items()}}


@cache
def schemas(folder: Path | None = None) -> Callable[[str], Mapping[str, Type] | None]:
    """A function from a table's name to its columns' types, or None where there is no such table."""
    tables = catalogue(folder)
    derived = derivations()

    @cache
    def look(name: str) -> Mapping[str, Type] | None:
        if name in tables:
            return {c.name: c.type for c in describe(tables[name], tables).columns}
        if name in derived:
            return {**_BASE, **{c: kind for c, (kind, _) in derived[name].columns.items()}}
        return own_columns(name) if name in OWN else None

    return look
