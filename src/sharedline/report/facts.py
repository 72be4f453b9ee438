"""What the scan looked at, and exactly what it could not read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sharedline.collect.catalogue import catalogue
from sharedline.collect.schema import describe
from sharedline.results import Results

_DENIED = re.compile(r"denied|unauthori[sz]ed|notauthori[sz]ed|authorization|forbidden|403", re.I)


@dataclass(frozen=True)
class Facts:
    """The head of the page."""

    scan: str
    as_of: datetime
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    identity: str
    role: str
    endpoint: str
    seconds: float
    calls: int
    checks: int
    incomplete: bool
    skipped: Mapping[str, str]
    reassessed: str


@dataclass
class Unread:
    """A call that AWS refused: where, for which tables, and what would allow it."""

    call: str
    code: str
    action: str
    answers: int = 0
    rows: int = 0
    tables: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    message: str = ""

    @property
    def denied(self) -> bool:
        """Whether the answer is about permission, so that a grant would help."""
        return bool(_DENIED.search(self.code))


def facts(results: Results) -> Facts:
    """The facts of the scan."""
    m = results.manifest
    return Facts(
        scan=m.id,
        as_of=m.as_of,
        accounts=m.accounts,
        regions=m.regions,
        identity=m.data.get("identity", ""),
        role=m.data.get("role", ""),
        endpoint=m.data.get("endpoint_url", ""),
        seconds=(m.ended - m.started).total_seconds(),
        calls=m.data.get("calls", 0),
        checks=len(m.data.get("checks", ())),
        incomplete=m.incomplete,
        skipped=m.data.get("skipped_regions", {}),
        reassessed=m.data.get("reassessed", ""),
    )


def unread(results: Results) -> list[Unread]:
    """Every refused call, the one that leaves most unanswered first."""
    actions = _actions(results)
    answers = _answers(results)
    found: dict[tuple[str, str], Unread] = {}

    def entry(call: str, code: str, action: str = "") -> Unread:
        known = action or actions.get(call, "")
        return found.setdefault((call, code), Unread(call, code, known, answers.get(call, 0)))

    for f in results.manifest.failures:
        one = entry(f.get("call", ""), f.get("code", ""), f.get("action", ""))
        one.tables.add(f["table"])
        one.accounts.add(f["account_id"])
        one.regions.add(f["region"])
        one.message = one.message or f.get("message", "")
    for table, errors in results.manifest.data.get("row_errors", {}).items():
        for text, rows in errors.items():
            call, _, code = text.partition(" ")
            one = entry(call, code)
            one.tables.add(table)
            one.rows += rows
    return sorted(found.values(), key=lambda u: (-u.answers, u.call, u.code))


def _answers(results: Results) -> dict[str, int]:
    """How many findings each refused call leaves unknown."""
    sql = "select denied_call as c, count(*) as n from finding where ok is null group by all"
    return {r["c"]: r["n"] for r in results.duck.query(sql).to_pylist() if r["c"]}


def _actions(results: Results) -> dict[str, str]:
    """The IAM action that allows each call of the tables in which something failed."""
    data: Mapping[str, Any] = results.manifest.data
    names = {f["table"] for f in results.manifest.failures} | set(data.get("row_errors", {}))
    tables = catalogue(results.project.tables)
    out: dict[str, str] = {}
    for name in names & set(tables):
        schema = describe(tables[name], tables)
        out.update(zip(schema.operations, schema.actions, strict=True))
    return out
