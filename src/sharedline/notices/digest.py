"""The weekly digest of each team: what is new, fixed, reopened and open, what expires, what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sharedline.checks.engine import FINDING
from sharedline.inventory.lake import Manifest
from sharedline.model import NOBODY, Waiver
from sharedline.notices.model import Item, Notice, Section
from sharedline.notices.settings import Audience
from sharedline.results import Results
from sharedline.state import Claim

#: As many items of each list as are named.
NAMED = 5
WEEK = timedelta(days=7)
_WORST = "case severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2 else 3 end"
#: A finding beside what it was a week ago; what is known now wins.
_BOTH = """
with told as (
  select coalesce(n.owner, o.owner) as owner, coalesce(n.check_id, o.check_id) as check_id,
    coalesce(n.resource, o.resource) as resource, coalesce(n.severity, o.severity) as severity,
    n.since as since, coalesce(n.status, 'absent') as now, coalesce(o.status, 'absent') as was,
    coalesce(n.reopened, 0) > coalesce(o.reopened, 0) as again
  from finding n full join earlier o on n.check_id = o.check_id and n.resource = o.resource
    and n.account_id = o.account_id
),
kinds as (
  select *, case when now = 'unmet' and again then 'reopened'
    when now = 'unmet' and was <> 'unmet' and (was <> 'unknown' or since > $as_of) then 'new'
    when now = 'met' and was = 'unmet' then 'fixed' end as kind
  from told
),
every as (
  select owner, kind, check_id, resource, severity, since from kinds where kind is not null
  union all
  select owner, 'open', check_id, resource, severity, since from kinds where now = 'unmet'
)
"""
_TITLES = {"new": "New", "reopened": "Reopened", "fixed": "Fixed", "open": "Open, the worst first"}


def week_before(scans: Sequence[Manifest], newest: Manifest) -> Manifest | None:
    """The scan that a digest compares with: the last of a week ago or more, else the oldest."""
    earlier = [m for m in scans if m.as_of < newest.as_of]
    old = [m for m in earlier if newest.as_of - m.as_of >= WEEK - timedelta(hours=12)]
    return old[-1] if old else (earlier[0] if earlier else None)


def digests(
    results: Results,
    earlier: Results | None,
    waivers: Sequence[Waiver],
    claims: Sequence[Claim],
    to: Audience,
    now: datetime,
) -> list[Notice]:
    """A digest for each owner who has anything to read; nobody's is for the admins.

    `earlier` is the scan to compare with, None where there is none: then nothing is new or fixed.
    """
    changed = _changed(results, earlier)
    expiring = _by_owner(results, waivers, now, to.days)
    waiting = _waiting(results, claims)
    year, week, _ = now.isocalendar()
    out = []
    for owner in sorted({*changed, *expiring, *waiting}):
        lists = changed.get(owner, {})
        sections = [lists[kind] for kind in _TITLES if kind in lists]
        sections += [s for s in (expiring.get(owner), waiting.get(owner)) if s]
        out.append(
            Notice(
                kind="digest",
                key=f"digest:{year}-W{week:02}:{owner}",
                subject=_subject(owner, lists),
                sections=tuple(sections),
                team="" if owner == NOBODY else owner,
                link=to.link("gaps", owner=owner),
                note=f"Scan of {results.manifest.as_of:%Y-%m-%d %H:%M} UTC"
                + (f", compared with {earlier.manifest.as_of:%Y-%m-%d}." if earlier else "."),
            )
        )
    return out


def _subject(owner: str, lists: Mapping[str, Section]) -> str:
    counts = [f"{lists[k].count} {k}" for k in ("open", "new", "reopened", "fixed") if k in lists]
    whose = "Gaps that nobody owns" if owner == NOBODY else f"Duties of {owner}"
    return f"Sharedline: {whose}: {', '.join(counts) or 'what expires or waits'}"


def _changed(results: Results, earlier: Results | None) -> dict[str, dict[str, Section]]:
    """By owner and kind: how many, and the worst of them."""
    files = earlier.lake.files(earlier.manifest, "findings", "finding") if earlier else []
    results.duck.files("earlier", files, FINDING)
    where = "" if earlier else "where kind = 'open'"  # a first scan has nothing new
    at = (earlier or results).manifest.as_of
    both = _BOTH.replace("$as_of", f"timestamptz '{at.isoformat()}'")
    rows = results.duck.query(
        f"{both} select owner, kind, check_id, resource, severity, count(*) over "
        f"(partition by owner, kind) as n from every {where} qualify row_number() over "
        f"(partition by owner, kind order by {_WORST}, since, check_id, resource) <= {NAMED} "
        f"order by owner, kind, {_WORST}, since, check_id, resource"
    ).to_pylist()
    out: dict[str, dict[str, list[Any]]] = {}
    for row in rows:
        out.setdefault(row["owner"], {}).setdefault(row["kind"], []).append(row)
    return {
        owner: {
            kind: Section(_TITLES[kind], found[0]["n"], tuple(_item(results, r) for r in found))
            for kind, found in kinds.items()
        }
        for owner, kinds in out.items()
    }


def _item(results: Results, row: Mapping[str, Any]) -> Item:
    check = results.checks.get(row["check_id"])
    return Item(row["resource"], f"{check.title if check else row['check_id']} ({row['severity']})")


def owners_of(results: Results, waiver: Waiver) -> list[str]:
    """Whose findings a waiver is about; the owners of nothing where it meets no finding."""
    from sharedline.duties.owners import like

    parts = [
        like("check_id", [waiver.check]),
        like("duty", [waiver.duty]),
        like("resource", [waiver.resource]),
        like("account_id", [waiver.account]),
    ]
    sql = f"select distinct owner from finding where {' and '.join(parts)} and ok is not true"
    return sorted(r["owner"] for r in results.duck.query(sql).to_pylist()) or [NOBODY]


def soon(waivers: Sequence[Waiver], now: datetime, days: int) -> list[Waiver]:
    """Those that expire within so many days, or did within as many, soonest first."""
    far, past = now.date() + timedelta(days=days), now.date() - timedelta(days=days)
    return sorted((w for w in waivers if past <= w.expires <= far), key=lambda w: w.expires)


def waiver_item(waiver: Waiver, now: datetime) -> Item:
    """A waiver as a line."""
    named = [v for v in (waiver.check, waiver.duty, waiver.resource, waiver.account) if v != "*"]
    word = "expired" if waiver.expires < now.date() else "expires"
    said = f"{word} {waiver.expires}: {waiver.reason} (approved by {waiver.approver})"
    return Item(" ".join(named), said)


def _by_owner(
    results: Results, waivers: Sequence[Waiver], now: datetime, days: int
) -> dict[str, Section]:
    found: dict[str, list[Item]] = {}
    for waiver in soon(waivers, now, days):
        for owner in owners_of(results, waiver):
            found.setdefault(owner, []).append(waiver_item(waiver, now))
    return {
        owner: Section("Waivers that expire", len(items), tuple(items[:NAMED]))
        for owner, items in found.items()
    }


def _waiting(results: Results, claims: Sequence[Claim]) -> dict[str, Section]:
    """Claims since the scan, by whose they are: only the next one verifies them."""
    later = {(c.check, c.resource): c for c in claims if c.at > results.manifest.as_of}
    if not later:
        return {}
    kinds: Any = {"check_id": "string", "resource": "string"}
    rows = [{"check_id": c, "resource": r} for c, r in later]
    results.duck.rows("said", rows, kinds)
    found: dict[str, list[Item]] = {}
    for row in results.duck.query(
        "select distinct f.owner, f.check_id, f.resource from finding f join said s "
        "on f.check_id = s.check_id and f.resource = s.resource where f.ok is not true "
        "order by all"
    ).to_pylist():
        said = later[row["check_id"], row["resource"]]
        item = Item(row["resource"], f"{row['check_id']}, said by {said.by} on {said.at:%Y-%m-%d}")
        found.setdefault(row["owner"], []).append(item)
    return {
        owner: Section("Claims that wait for a scan", len(items), tuple(items[:NAMED]))
        for owner, items in found.items()
    }
