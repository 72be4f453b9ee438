"""Findings as the report lists them: counted by check, worst first, no list without an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sharedline.checks.schemas import own_columns
from sharedline.model import SEVERITIES, Check
from sharedline.report.names import fair_cap, place, severity_rank
from sharedline.results import Results

#: Rows of findings in the whole page, and of one check: 100,000 findings make a page of a few MB.
ROWS, ROWS_PER_CHECK = 20_000, 200
_RANK = "case status when 'unmet' then 0 when 'unknown' then 1 when 'waived' then 2 else 3 end"


@dataclass
class Tally:
    """A check's answers by status, and the first of its rows."""

    id: str
    title: str
    severity: str
    duty: str
    service: str
    check: Check | None
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many answers it gave."""
        return sum(self.counts.values())

    @property
    def hidden(self) -> int:
        """How many answers the page does not list."""
        return self.total - len(self.rows)

    @property
    def troubled(self) -> bool:
        """Whether anything but met was answered."""
        return self.total > self.counts["met"]


def tally(results: Results) -> list[Tally]:
    """Every check with an answer, with as many of its rows as the page has room for."""
    sql = (
        "select check_id, severity, duty, service, status, count(*) as n from finding group by all"
    )
    found: dict[str, Tally] = {}
    for r in results.duck.query(sql).to_pylist():
        check = results.checks.get(r["check_id"])
        one = found.setdefault(
            r["check_id"],
            Tally(r["check_id"], check.title if check else r["check_id"], r["severity"],
                  r["duty"], r["service"], check),
        )
        one.counts[r["status"]] += r["n"]
    cap = fair_cap((t.total for t in found.values()), ROWS, ROWS_PER_CHECK)
    for check_id, rows in groupby(_first_rows(results, cap), key=lambda r: r["check_id"]):
        found[check_id].rows = list(rows)
    return sorted(found.values(), key=_worst_first)


def _worst_first(t: Tally) -> tuple[int, int, int, str]:
    return (severity_rank(t.severity), -t.counts["unmet"], -t.counts["unknown"], t.id)


def _first_rows(results: Results, cap: int) -> list[dict[str, Any]]:
    sql = (
        "select check_id, resource, status, reason, owner, account_id, region, since, life, "
        "reopened, denied_call, grant_action, waiver from finding qualify row_number() over "
        f"(partition by check_id order by {_RANK}, resource) <= {cap} "
        f"order by check_id, {_RANK}, resource"
    )
    return list(results.duck.query(sql).to_pylist())


def summary(
    results: Results, cells: Sequence[Mapping[str, Any]], gaps: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """The numbers of the band at the top; each is the length of a list further down."""
    counts, severities = results.counts(), results.severities()
    cell_gaps = Counter(g["status"] for g in gaps)
    statuses = Counter(c["status"] for c in cells)
    sides: Counter[str] = Counter()
    for cell in cells:
        sides[place(cell)] += 1
    return {
        "unmet": counts.get("unmet", 0),
        "severities": [(s, severities.get(s, 0)) for s in SEVERITIES],
        "unknown": counts.get("unknown", 0),
        "met": counts.get("met", 0),
        "waived": counts.get("waived", 0),
        "unowned": cell_gaps["unowned"],
        "unverified": cell_gaps["unverified"],
        "inherited": statuses["inherited"],
        "cells": len(cells),
        "services": len({c["service"] for c in cells}),
        "sides": sides,
    }


def by_severity(results: Results, checks: Sequence[Tally]) -> list[tuple[str, int, list[Tally]]]:
    """For each severity the number of unmet findings and its checks that are not wholly met."""
    unmet = results.severities()
    return [
        (s, unmet.get(s, 0), [t for t in checks if t.severity == s and t.troubled])
        for s in SEVERITIES
    ]


def met(checks: Sequence[Tally]) -> list[Tally]:
    """The checks that are met wherever they apply."""
    return [t for t in checks if not t.troubled]


def unknown(results: Results) -> list[dict[str, Any]]:
    """Unknown answers by the call that was refused, each with the first of its rows."""
    sql = (
        "select coalesce(denied_call, '') as denied_call, coalesce(grant_action, '') as "
        "grant_action, count(*) as n from finding where status = 'unknown' group by all "
        "order by n desc, denied_call"
    )
    groups = list(results.duck.query(sql).to_pylist())
    cap = fair_cap((g["n"] for g in groups), 2_000, 100)
    rows = results.duck.query(
        "select coalesce(denied_call, '') as denied_call, coalesce(grant_action, '') as "
        "grant_action, check_id, resource, reason, owner, account_id, region, code "
        "from finding where status = 'unknown' qualify row_number() over (partition by "
        "coalesce(denied_call, ''), coalesce(grant_action, '') order by check_id, resource) "
        f"<= {cap} order by check_id, resource"
    ).to_pylist()
    for group in groups:
        key = (group["denied_call"], group["grant_action"])
        group["rows"] = [r for r in rows if (r["denied_call"], r["grant_action"]) == key]
        group["hidden"] = group["n"] - len(group["rows"])
    return groups


def waived(results: Results) -> dict[str, Any]:
    """The findings that a waiver covers."""
    rows = results.duck.query(
        "select check_id, resource, waiver, owner, severity from finding "
        "where status = 'waived' order by check_id, resource limit 500"
    ).to_pylist()
    total = results.counts().get("waived", 0)
    return {"rows": rows, "total": total, "hidden": total - len(rows)}


def waivers(results: Results) -> list[dict[str, Any]]:
    """The waivers as they stood at the scan, expired ones first."""
    files = results.lake.files(results.manifest, "inventory", "waiver")
    if not files:
        return []
    results.duck.files("waiver", files, own_columns("waiver"))
    rows = list(results.duck.query("select * from waiver order by expires").to_pylist())
    for row in rows:
        row["expired"] = row["expires"] < results.manifest.as_of
        globs = (row["check_glob"], row["duty_glob"], row["resource_glob"], row["account_glob"])
        row["covers"] = [g for g in globs if g != "*"]
    return rows

