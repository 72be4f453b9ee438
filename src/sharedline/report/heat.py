"""The responsibility heat map: services by duties, and what opens behind each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sharedline.checks.schemas import own_columns
from sharedline.duties.catalogue import NOT_REVIEWED, load
from sharedline.model import NOBODY, Duty
from sharedline.report.findings import Tally
from sharedline.report.names import AREA, GLYPH, ORDER, SIDES, anchor, place, short
from sharedline.results import Results


@dataclass(frozen=True)
class Column:
    """One duty of the map."""

    duty: Duty
    short: str
    first: bool


@dataclass(frozen=True)
class View:
    """A cell as the page shows it."""

    id: str
    cell: Mapping[str, Any]
    duty: Duty
    place: str
    look: str
    glyph: str
    says: str
    checks: Sequence[Tally]
    attestations: Sequence[Mapping[str, Any]]

    @property
    def side(self) -> str:
        """Where the duty falls, in words."""
        return SIDES[self.place]

    @property
    def unowned(self) -> int:
        """Resources for which nobody owns the duty."""
        owners: Mapping[str, int] = self.cell["owners"]
        return owners.get(NOBODY, 0)


@dataclass(frozen=True)
class Row:
    """One service of the map."""

    service: str
    name: str
    cells: Sequence[View | None]
    unmet: int
    unknown: int

    @property
    def present(self) -> list[View]:
        """The cells that the service has, those that need somebody first."""
        found = [v for v in self.cells if v is not None]
        return sorted(found, key=lambda v: ORDER.index(v.cell["status"]))


@dataclass(frozen=True)
class Board:
    """The whole map."""

    areas: Sequence[tuple[str, str, int]]
    columns: Sequence[Column]
    rows: Sequence[Row]


def board(results: Results, cells: Sequence[Mapping[str, Any]], checks: Iterable[Tally]) -> Board:
    """The map of the cells, duties in the catalogue's order within the areas of `AREA`."""
    duties = load().duties
    used = {c["duty"] for c in cells}
    columns: list[Column] = []
    areas = []
    for area, title in AREA.items():
        inside = [d for d in duties.values() if d.area == area and d.id in used]
        columns += [Column(d, short(d.id), n == 0) for n, d in enumerate(inside)]
        if inside:
            areas.append((area, title, len(inside)))
    by_key: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for check in checks:
        by_key[check.service, check.duty].append(check)
    attested = _attestations(results)
    views: dict[str, dict[str, View]] = defaultdict(dict)
    names = {}
    for cell in cells:
        key = cell["service"], cell["duty"]
        views[key[0]][key[1]] = view(cell, duties[key[1]], by_key[key], attested)
        names[key[0]] = cell["service_name"]
    rows = [
        Row(s, names[s], [views[s].get(c.duty.id) for c in columns], *_counts(views[s]))
        for s in sorted(views, key=lambda s: names[s].lower())
    ]
    return Board(areas, columns, rows)


def _counts(views: Mapping[str, View]) -> tuple[int, int]:
    found = [v.cell["findings"] for v in views.values()]
    return sum(f["unmet"] for f in found), sum(f["unknown"] for f in found)


def view(
    cell: Mapping[str, Any], duty: Duty, checks: Sequence[Tally],
    attestations: Iterable[Mapping[str, Any]],
) -> View:
    """A cell with what is drawn, what is read aloud, and what stands behind it."""
    where, status = place(cell), cell["status"]
    look = [f"on-{where}", f"is-{status}"]
    if cell["owners"].get(NOBODY):
        look.append("nobody")
    if status == "unmet":
        look.append(f"sev-{cell['severity'] or 'low'}")
    found = cell["findings"]
    counted = ", ".join(f"{n} {s}" for s, n in found.items() if n)
    owner = "" if status == "inherited" else f", owner {cell['owner']}"
    severity = f" ({cell['severity']})" if cell["severity"] and status == "unmet" else ""
    return View(
        id=anchor("cell", cell["service"], duty.id),
        cell=cell,
        duty=duty,
        place=where,
        look=" ".join(look),
        glyph=GLYPH[status],
        says=f"{cell['service_name']}, {duty.title}: {status}{severity}, {SIDES[where]}"
             f"{owner}{f', findings: {counted}' if counted else ''}",
        checks=checks,
        attestations=[a for a in attestations if a["duty"] == duty.id],
    )


def _attestations(results: Results) -> list[dict[str, Any]]:
    """The statements of people as they stood at the scan, newest first."""
    files = results.lake.files(results.manifest, "inventory", "attestation")
    if not files:
        return []
    results.duck.files("attestation", files, own_columns("attestation"))
    rows = list(results.duck.query('select * from attestation order by "at" desc').to_pylist())
    for row in rows:
        row["expired"] = row["expires"] <= results.manifest.as_of
    return rows


def inherited(
    cells: Iterable[Mapping[str, Any]],
) -> list[tuple[Duty, list[Mapping[str, Any]]]]:
    """What AWS answers for, by duty."""
    return group_by_duty(c for c in cells if c["status"] == "inherited")


def unreviewed(cells: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, list[Any]]]:
    """Cells whose line nobody reviewed, by service: (service, its name, cells)."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for cell in cells:
        if cell["source"] == NOT_REVIEWED:
            found[cell["service"]].append(cell)
    return [(s, found[s][0]["service_name"], found[s]) for s in sorted(found)]


def group_by_duty(
    items: Iterable[Mapping[str, Any]],
) -> list[tuple[Duty, list[Mapping[str, Any]]]]:
    """Cells or cell gaps by duty, in the catalogue's order."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for item in items:
        found[item["duty"]].append(item)
    return [(duty, found[d]) for d, duty in load().duties.items() if d in found]
