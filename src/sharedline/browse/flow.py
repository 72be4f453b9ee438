"""How findings flow from found to verified, how gaps without an owner burn down, what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sharedline.browse.fields import FIXED
from sharedline.browse.filters import Filters
from sharedline.browse.gaps import EVERYTHING, page
from sharedline.browse.history import Point
from sharedline.browse.index import Index
from sharedline.browse.live import NOTHING, Live
from sharedline.people.model import Scope

#: What was found at some time not to be so: the lives that a finding may then have.
LIVES = ("open", "claimed", "waived", "verified")
#: Findings of checks; what whole cells lack has no side to flow from.
_OF_CHECKS = frozenset({"unmet", "unknown", "waived", "met"})
_CHANGES = {
    "new": "newly found", "worse": "got worse", "lost": "lost from sight", "fixed": "fixed",
}  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A number with the query of the address that opens its rows (empty where it has none)."""

    label: str
    n: int
    query: str


@dataclass(frozen=True)
class Node:
    """A bar of the drawing: `column` from 0 on the left."""

    id: str
    column: int
    number: Number


@dataclass(frozen=True)
class Link:
    """A band between two bars."""

    source: str
    target: str
    number: Number


@dataclass(frozen=True)
class Flow:
    """Found, by side, owned or not, and where each stands."""

    nodes: Sequence[Node]
    links: Sequence[Link]


def _filters(**given: str) -> Filters:
    fixed = Filters(rows="all", status=_OF_CHECKS, life=frozenset(LIVES))
    return fixed.but(**given)


def _combinations(index: Index, scope: Scope, live: Live | None) -> Counter[tuple[str, str, str]]:
    """Rows by side, owned and life."""
    base = index.bases.of(index, scope, "")
    source = "cube_kind" if base.whole else base.table
    n = "sum(n)::bigint" if base.whole else "count(*)"
    status = ", ".join(str(FIXED["status"].index(s)) for s in sorted(_OF_CHECKS))
    rows = index.answer(
        f"select side, owned, life, {n} from {source} where sec < 2 and status in ({status}) "
        "group by all"
    )
    out: Counter[tuple[str, str, str]] = Counter()
    for side, owned, life, count in rows:
        out[FIXED["side"][side], FIXED["owned"][owned], FIXED["life"][life]] += count
    overlay = live.overlay(index) if live else NOTHING
    for mark in overlay.marks:
        account = index.words.text("account", mark.codes["account"])
        if scope.covers(account, index.words.text("owner", mark.codes["owner"])):
            side, owned = (FIXED[f][mark.codes[f]] for f in ("side", "owned"))
            out[side, owned, FIXED["life"][mark.codes["life"]]] -= 1
            out[side, owned, FIXED["life"][mark.now]] += 1
    return Counter({key: n for key, n in out.items() if n and key[2] in LIVES})


def flow(index: Index, scope: Scope = EVERYTHING, live: Live | None = None) -> Flow:
    """The bars and bands of the current scan; each number's query opens exactly its rows."""
    found = _combinations(index, scope, live)
    nodes = {"found": Node("found", 0, Number("found", found.total(), _filters().query()))}
    bars: Counter[tuple[int, str]] = Counter()
    bands: Counter[tuple[int, str, str]] = Counter()
    for (side, owned, life), n in found.items():
        for column, word in enumerate((side, owned, life), 1):
            bars[column, word] += n
        bands[0, "found", side] += n
        bands[1, side, owned] += n
        bands[2, owned, life] += n
    fields = ("", "side", "owned", "life")
    names = {"yes": "owned", "no": "owned by nobody", "unknown": "side unknown", "aws": "AWS"}

    def place(word: str, column: int) -> int:
        return (*FIXED[fields[column]],).index(word)

    for (column, word), n in sorted(bars.items(), key=lambda b: (b[0][0], place(b[0][1], b[0][0]))):
        number = Number(names.get(word, word), n, _filters(**{fields[column]: word}).query())
        nodes[f"{fields[column]}-{word}"] = Node(f"{fields[column]}-{word}", column, number)
    links = []
    for (column, one, two), n in sorted(bands.items()):
        given = {fields[column + 1]: two, **({fields[column]: one} if column else {})}
        source = f"{fields[column]}-{one}" if column else "found"
        number = Number("", n, _filters(**given).query())
        links.append(Link(source, f"{fields[column + 1]}-{two}", number))
    return Flow(list(nodes.values()), links)


def changed(index: Index, scope: Scope = EVERYTHING) -> list[Number]:
    """What differs from the scan before, and the gaps whose finding is there no more."""
    if not index.meta["before"]:
        return []
    told = page(index, Filters(rows="all", size=1), scope).facets["change"]
    counts = {value: n for value, n, _ in told.values}
    out = [
        Number(label, counts.get(name, 0), Filters(rows="all").but(change=name).query())
        for name, label in _CHANGES.items()
    ]
    gone = Filters(rows="gone")
    out.append(Number("no longer there", page(index, gone, scope).total, gone.query()))
    return out


def burn_down(points: Sequence[Point]) -> list[tuple[Point, Number, Number]]:
    """For each scan its gaps without an owner and all its gaps."""
    return [
        (
            p,
            Number("owned by nobody", p.counts["unowned"], p.query("unowned")),
            Number("gaps", p.counts["gaps"], p.query("gaps")),
        )
        for p in points
    ]


@dataclass(frozen=True)
class Pace:
    """How quickly gaps find an owner, and how many claims proved true."""

    #: Days from when it was first so to the scan that saw an owner; the middle one, or None.
    median_days: float | None
    #: Gaps that had nobody and found an owner between two of the scans.
    owned: int
    #: Of the claims that a later scan answered: met, still not so.
    verified: int
    refused: int

    @property
    def closure(self) -> float | None:
        """Verified of all answered claims, 0 to 1; None where none was answered."""
        answered = self.verified + self.refused
        return self.verified / answered if answered else None


def pace(points: Sequence[Point]) -> Pace:
    """Time to an owner and verified closure over these scans."""
    days: Counter[int] = Counter()
    for p in points:
        days.update(p.days)
    return Pace(
        _median(days),
        days.total(),
        sum(p.counts["claims_verified"] for p in points),
        sum(p.counts["claims_refused"] for p in points),
    )


def _median(days: Counter[Any]) -> float | None:
    whole = days.total()
    if not whole:
        return None
    low, high = (whole - 1) // 2, whole // 2
    values: list[float] = []
    passed = 0
    for day, n in sorted(days.items()):
        values += [day for at in (low, high) if passed <= at < passed + n]
        passed += n
    return sum(values) / 2
