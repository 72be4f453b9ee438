"""`sharedline comply policies`: what proves each clause, and what no policy asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

if TYPE_CHECKING:
    from sharedline.comply.policies.judge import ClauseStatus, Half, Judge, Judged
    from sharedline.comply.policies.mapping import Lost
    from sharedline.results import Results

COLUMNS = (
    "clause", "title", "verdict", "aws", "yours", "owner", "met", "unmet", "unknown", "waived",
    "controls", "duties", "reports", "checks", "changed", "text", "gaps",
)  # fmt: skip
_DAY = click.DateTime(["%Y-%m-%d"])
_NARROW, _WIDE = 26, 40
_MOST_NAMED = 10
_WORST = frozenset({"unmet", "unverified", "unmapped"})


@click.command(name="policies")
@click.argument("clauses", nargs=-1)
@click.option("--unasked", is_flag=True, help="The duties and checks that no clause asks for.")
@click.option("--from", "since", type=_DAY, help="The audit window's first day; a year by default.")
@click.option("--to", "until", type=_DAY, help="Its last day; the scan's by default.")
@folder_option
@scan_option
@format_option()
def command(
    clauses: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    folder: Path,
    scan_id: str,
    fmt: str,
    *,
    unasked: bool,
) -> int:
    """What proves each clause of your policies, and what no policy asks for.

    Policies are the Markdown, Word and CSV files in the project's folder policies/. Which clause
    asks for which controls and duties is in policies.toml; `comply map` adds to it, `comply
    suggest` proposes. CLAUSES are ids, or the beginnings of ids; each is then told whole.

    Exit codes: 1 where a clause is unmet, unverified, unmapped or changed since it was mapped,
    where a mapping names a clause that is in no policy, or, with --unasked, where no clause asks
    for a duty of yours; 3 where something is unknown and nothing worse; 0 otherwise.
    """
    from sharedline.cli import out
    from sharedline.comply.policies import clauses as read
    from sharedline.comply.policies import mapping
    from sharedline.comply.policies.judge import Judge
    from sharedline.comply.standing import Standing
    from sharedline.errors import Error
    from sharedline.project import open_project

    if unasked and clauses:
        raise Error("What is not asked for is asked of all clauses.", "Leave CLAUSES out.")
    project = open_project(folder)
    every = read.read(project.policies)
    if not every:
        raise Error(
            f"The policies in {project.policies} have no clauses.",
            "Write headings with text below them, numbered paragraphs, or a CSV file.",
        )
    written = mapping.read(project.mapping, project.frameworks)
    asked = mapping.of_clauses(every, written, project.frameworks)
    chosen = read.pick(every, clauses) if clauses else every
    lost = [] if clauses else mapping.lost(every, written)
    results = results_of(folder, scan_id, fresh=True)
    judge = Judge(Standing(results, window(results, since, until)), project.frameworks)
    statuses = [judge.clause(c, asked.get(c.id)) for c in chosen]
    if unasked:
        return _unasked(judge, statuses, fmt)
    if out.rows(fmt, [_row(s, fmt) for s in statuses], COLUMNS):
        for told in _remarks(statuses, lost):
            out.note(told)
    elif clauses:
        for status in statuses:
            _whole(status)
    else:
        _table(statuses, lost)
    return _code(statuses, lost)


def window(results: Results, since: datetime | None, until: datetime | None) -> tuple[date, date]:
    """The audit window as two days."""
    from sharedline.comply.standing import year_to
    from sharedline.errors import Error

    last = until.date() if until else results.manifest.as_of.astimezone(UTC).date()
    first = since.date() if since else year_to(last)[0]
    if first > last:
        raise Error(f"The window ends on {last}, before {first}.", "Turn --from and --to around.")
    return first, last


def _code(statuses: Sequence[ClauseStatus], lost: Sequence[Lost]) -> int:
    if lost or any(s.verdict in _WORST or s.changed for s in statuses):
        return 1
    return 3 if any(s.verdict == "unknown" for s in statuses) else 0


def _row(status: ClauseStatus, fmt: str) -> dict[str, Any]:
    asked, text = status.asked, status.clause.text
    return {
        "clause": status.clause.id,
        "title": status.clause.title,
        "verdict": status.verdict,
        "aws": status.half("aws") or "",
        "yours": status.half("yours") or "",
        "owner": status.owner,
        **{k: status.counts.get(k, 0) for k in ("met", "unmet", "unknown", "waived")},
        "controls": list(asked.controls) if asked else [],
        "duties": list(asked.duties) if asked else [],
        "reports": list(status.reports),
        "checks": list(status.checks),
        "changed": status.changed,
        "text": text if fmt == "json" else " ".join(text.split()),
        "gaps": _gaps(status),
    }


def _gaps(status: ClauseStatus) -> list[str]:
    if status.verdict == "unmapped":
        if status.asked:
            return ["Its mapping names no control and no duty."]
        return ["Nobody has said what the clause asks for."]
    found = ["Its words changed since it was mapped."] if status.changed else []
    for one in status.judged:
        halves = (("AWS", one.aws), ("you", one.yours))
        found += [
            f"{one.name}, {who}: {half.sentence}"
            for who, half in halves
            if half and half.verdict in ("unmet", "unknown", "unverified")
        ]
    return found


def _table(statuses: Sequence[ClauseStatus], lost: Sequence[Lost]) -> None:
    """Every clause in a line, then what stands out."""
    from sharedline.cli import out
    from sharedline.text import middle

    wide = out.console().width >= 120
    rows = [
        {
            "clause": middle(s.clause.id, _WIDE if wide else _NARROW),
            "title": s.clause.title,
            "aws": _short(s, "aws"),
            "yours": _short(s, "yours"),
            "owner": s.owner,
            **{k: s.counts.get(k, 0) for k in ("met", "unmet", "unknown")},
        }
        for s in statuses
    ]
    halves = (("aws", "AWS's half", 10), ("yours", "Yours", 10))
    counts = (("met", "Met", 6), ("unmet", "Unmet", 6), ("unknown", "?", 5))
    last = ("title", "Title", 0)
    out.table(
        rows,
        (("clause", "Clause", _NARROW), *halves, ("owner", "Owner", 12), last),
        wide=(("clause", "Clause", _WIDE), *halves, *counts, ("owner", "Owner", 20), last),
    )
    total = Counter(s.verdict for s in statuses)
    told = ", ".join(f"{n:,} {verdict}" for verdict, n in total.most_common())
    out.line(f"\n{_counted(len(statuses), 'clause')}: {told}.")
    for remark in _remarks(statuses, lost):
        out.wrapped(remark)
    out.line("Open one: sharedline comply policies CLAUSE.  The reverse: --unasked")


def _remarks(statuses: Sequence[ClauseStatus], lost: Sequence[Lost]) -> Iterator[str]:
    """What is wrong with the mapping: words that changed, clauses that are gone."""
    if changed := [s.clause.id for s in statuses if s.changed]:
        yield (
            f"Changed since somebody mapped it ({_counted(len(changed), 'clause')}): "
            f"{_some(changed)}."
        )
    if lost:
        yield (
            f"policies.toml names {_counted(len(lost), 'clause')} that no policy has: "
            f"{_some([str(one) for one in lost])}."
        )


def _whole(status: ClauseStatus) -> None:
    """A clause with all that it asks for, both halves of each."""
    from sharedline.cli import out

    clause = status.clause
    out.line(f"{clause.id}  {status.verdict.upper()}")
    begins = clause.text.startswith(clause.title.removesuffix("…"))  # no title of its own
    headings = clause.within if begins else (*clause.within, clause.title)
    if headings:
        out.wrapped(" > ".join(headings), indent=2)
    for paragraph in clause.text.split("\n"):
        if paragraph.strip():
            out.wrapped(paragraph, indent=2)
    out.line(f"  Owner: {status.owner}")
    if status.asked:
        _mapped(status)
    else:
        out.line("  Nobody has said what it asks for: sharedline comply suggest " + clause.id)
    for same in _folded(status.judged):
        first = same[0]
        more = "".join(f", {one.part.id}" for one in same[1:])
        out.wrapped(f"{first.name}{more}  {first.part.title}", indent=2)
        for who, half in (("AWS", first.aws), ("You", first.yours)):
            if half:
                _half(who, half)
    out.line("")


def _mapped(status: ClauseStatus) -> None:
    from sharedline.cli import out

    asked = status.asked
    if asked and asked.by:
        out.line(f"  Mapped by {asked.by}" + (f" on {asked.on}" if asked.on else ""))
    if asked and asked.note:
        out.wrapped(f"Note: {asked.note}", indent=2)
    if status.changed:
        out.line("  Its words changed since it was mapped: look at it again.")
    if not status.judged:
        out.line("  Its mapping names no control and no duty.")


def _folded(judged: Sequence[Judged]) -> list[list[Judged]]:
    """Lettered parts of one control of which the same is to be said, together."""
    found: dict[object, list[Judged]] = {}
    for one in judged:
        said = [(h.verdict, h.sentence, h.checks) if h else None for h in (one.aws, one.yours)]
        key = (one.part.framework, one.part.control, one.part.title, *said)
        found.setdefault(key, []).append(one)
    return list(found.values())


def _short(status: ClauseStatus, half: Literal["aws", "yours"]) -> str:
    if status.verdict == "unmapped":
        return "not mapped"
    return status.half(half) or "nothing"


def _half(who: str, half: Half) -> None:
    from sharedline.cli import out

    glyph = out.GLYPH.get(half.verdict, ("○", ""))[0]
    out.wrapped(f"{glyph} {who}: {half.verdict}. {half.sentence}", indent=4)
    if half.checks:
        more = f" and {len(half.checks) - 4} more" if len(half.checks) > 4 else ""
        out.wrapped(f"checks {', '.join(half.checks[:4])}{more}", indent=6)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _unasked(judge: Judge, statuses: list[ClauseStatus], fmt: str) -> int:
    from sharedline.cli import out

    duties, checks = judge.unasked(statuses)
    rows = [{"kind": "duty", "id": d} for d in duties]
    rows += [{"kind": "check", "id": c} for c in checks]
    if not out.rows(fmt, rows, ("kind", "id")):
        for names, what in ((duties, "duties of yours"), (checks, "checks")):
            out.line(f"{len(names)} {what} that no clause asks for{':' if names else '.'}")
            for name in names:
                out.line(f"  {name}")
    return 1 if duties else 0
