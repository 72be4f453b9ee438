"""`sharedline iam paths`: how principals can come to be administrators, or to reach a resource."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

if TYPE_CHECKING:
    from sharedline.iam.escalation.graph import Graph
    from sharedline.iam.escalation.paths import Way

COLUMNS = ("principal", "goal", "answer", "hops", "path", "conditions", "unknown", "evidence")
DORMANT = ("principal", "rule", "title", "reason", "mitigation")
SENSITIVE = "sensitive"
_MARK = {"yes": "✗", "depends": "◐", "unknown": "?"}
_SAYS = {
    "yes": "{who} can {aim}",
    "depends": "{who} can {aim}, on conditions",
    "unknown": "whether {who} can {aim} is not known",
}


@click.command(name="paths")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option("--from", "start", default="", help="One user or role: ARN, or name.")
@click.option(
    "--to",
    "goal",
    default="admin",
    show_default=True,
    help="`admin`, the ARN of a resource, or `sensitive`: what tags or names call so.",
)
@click.option("--dormant", is_flag=True, help="Grants that lead nowhere for want of a target.")
@click.option("--tag", "tags", multiple=True, metavar="NAME[=VALUE]", help="What is sensitive.")
@click.option("--word", "words", multiple=True, help="A word of names that is sensitive.")
@click.option("--limit", type=int, default=20, show_default=True, help="Paths of text; 0 for all.")
def command(
    folder: Path,
    scan_id: str,
    fmt: str,
    start: str,
    goal: str,
    *,
    dormant: bool,
    tags: tuple[str, ...],
    words: tuple[str, ...],
    limit: int,
) -> int:
    """How principals can come to be administrators, or to reach a resource.

    Exit code 1 where there is a path, 3 where the only ones are not known for certain.
    """
    from sharedline.iam.escalation.scan import load
    from sharedline.iam.fit.evidence import principal

    graph = load(results_of(folder, scan_id))
    chosen = principal(graph.estate, start) if start else ""
    if dormant:
        return _dormant(graph, chosen, fmt)
    ways = list(_ways(graph, chosen, goal, tags, words))
    _show(graph, ways, fmt, limit)
    answers = {way.answer for way in ways}
    if answers - {"unknown"}:
        return 1
    return 3 if (goal != "admin" and _unread(graph, chosen)) or answers else 0


def _unread(graph: Graph, start: str) -> int:
    """Says of how many principals the policies were not read; ways to a resource may begin there."""
    from sharedline.cli import out

    chosen = [graph.base[start]] if start else graph.base.values()
    count = sum("identity" in node.entry.unreadable for node in chosen)
    if count:
        out.note(f"The policies of {count} principals were not readable; their ways are not known.")
    return count


def _ways(
    graph: Graph, start: str, goal: str, tags: tuple[str, ...], words: tuple[str, ...]
) -> Iterator[Way]:
    from sharedline.iam.escalation import paths
    from sharedline.iam.escalation.sensitivity import marks, sensitive

    if goal == paths.ADMIN:
        yield from _to_admin(graph, start)
    elif goal != SENSITIVE:
        yield from paths.to_resource(graph, goal, start)
    else:
        # Who can come to be an administrator can reach everything: said once, by `--to admin`.
        beyond = {way.start for way in paths.to_admin(graph) if way.answer != "unknown"}
        for entry, _ in sorted(sensitive(graph.estate, marks(tags, words)), key=lambda x: x[0].arn):
            for way in paths.to_resource(graph, entry.arn, start):
                if way.start not in beyond:
                    yield way


def _to_admin(graph: Graph, start: str) -> Iterator[Way]:
    """The best way of each principal; of one principal every way."""
    from sharedline.iam.escalation import paths
    from sharedline.iam.escalation.holding import RANK

    ways = sorted(paths.to_admin(graph, start), key=lambda w: (RANK[w.answer], len(w.hops)))
    if not start or not ways:
        yield from ways
        return
    others = list(paths.alternatives(graph, graph.to_admin, start, paths.ADMIN))
    yield from others or ways


def _show(graph: Graph, ways: list[Way], fmt: str, limit: int) -> None:
    from sharedline.cli import out
    from sharedline.iam.escalation.paths import Telling

    telling = Telling(graph)
    rows: list[dict[str, Any]] = [
        {
            "principal": way.start,
            "goal": way.goal,
            "answer": way.answer,
            "hops": len(way.hops),
            "path": telling.line(way),
            "conditions": list(way.conditions),
            "unknown": list(way.unknown),
            "evidence": telling.evidence(way),
        }
        for way in ways
    ]
    if out.rows(fmt, rows, COLUMNS):
        return
    for row in rows[: limit or None]:
        for text in _told(row, out.console().width):
            out.line(text)
    if limit and len(rows) > limit:
        out.note(f"{len(rows) - limit} more: --limit 0, --from PRINCIPAL, or --format json.")
    for missing in graph.estate.unseen():
        out.note(missing)
    out.note(_summary(rows) if rows else "No path.")


def _summary(rows: list[dict[str, Any]]) -> str:
    starts = {row["principal"] for row in rows}
    counts = {a: sum(row["answer"] == a for row in rows) for a in ("yes", "depends", "unknown")}
    said = [f"{counts['yes']} certain"]
    said += [f"{counts['depends']} on conditions"] if counts["depends"] else []
    said += [f"{counts['unknown']} not known"] if counts["unknown"] else []
    ways = "1 path" if len(rows) == 1 else f"{len(rows)} paths"
    who = "1 principal" if len(starts) == 1 else f"{len(starts)} principals"
    return f"{ways} of {who}: {', '.join(said)}."


def _told(row: dict[str, Any], width: int) -> Iterator[str]:
    """A path as lines that fit the terminal."""
    import textwrap

    width = max(40, min(width, 120))

    def lines(text: str, indent: str) -> list[str]:
        more = indent + "  "
        return textwrap.wrap(
            text,
            width,
            initial_indent=indent,
            subsequent_indent=more,
            break_on_hyphens=False,
        )

    aim = "be an administrator" if row["goal"] == "admin" else f"reach {row['goal']}"
    first = row["evidence"][0]["from"] if row["evidence"] else row["path"].partition(":")[0]
    said = _SAYS[row["answer"]].format(who=first, aim=aim)
    yield from lines(f"{_MARK[row['answer']]} {said}", "")
    for number, hop in enumerate(row["evidence"], 1):
        rule = f" ({hop['rule']})" if hop["rule"] else ""
        yield from lines(f"{number}. {hop['title']}{rule} → {hop['to']}", "  ")
        if hop["via"]:
            yield from lines(f"by way of {hop['via']}", "     ")
        for one in hop["permissions"]:
            by = " and ".join(
                f"{s['policy']}, statement {s['statement']}" for s in one["statements"]
            )
            behind = f": {by}" if by else ""
            yield from lines(f"{one['action']} on {one['resource']}{behind}", "     ")
    for text in row["conditions"]:
        yield from lines(f"if {text}", "  ")
    for text in row["unknown"]:
        yield from lines(f"? {text}", "  ")
    yield ""


def _dormant(graph: Graph, start: str, fmt: str) -> int:
    from sharedline.cli import out
    from sharedline.iam.escalation.dormant import dormant

    rows = [
        {
            "principal": one.principal,
            "rule": one.rule.id,
            "title": one.rule.title,
            "reason": one.reason,
            "mitigation": one.rule.mitigation,
        }
        for arn in ([start] if start else sorted(graph.base))
        if graph.admin(graph.base[arn])[0] == "no"
        for one in dormant(graph, graph.base[arn])
    ]
    if not out.rows(fmt, rows, DORMANT):
        short = [{**row, "who": row["principal"].rpartition(":")[2]} for row in rows]
        columns = (("who", "Principal", 16), ("rule", "Rule", 29), ("reason", "Leads nowhere", 0))
        wide = (("who", "Principal", 32), ("rule", "Rule", 36), ("reason", "Leads nowhere", 0))
        out.table(short, columns, wide=wide, wrapped=("rule", "reason"))
        out.note(f"{len(rows)} grants lead nowhere as long as what they need does not exist.")
    return 0
