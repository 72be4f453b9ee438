"""`sharedline matrix`: service by duty; areas side by side, a service's duties one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

AREAS = ("aws", "data", "identity", "configuration", "application", "monitoring", "shared")
HEADS = {"aws": "AWS", "configuration": "config", "application": "app", "monitoring": "monitor"}
ORDER = ("unmet", "unknown", "unverified", "waived", "met", "inherited")


@click.command(name="matrix")
@folder_option
@scan_option
@format_option("text", "json", "csv", "markdown")
@click.option("--service", help="One service, duty by duty.")
@click.option("--duty", help="One duty (or glob), service by service.")
def command(folder: Path, scan_id: str, fmt: str, service: str, duty: str) -> int:
    """The responsibility matrix: service by duty.

    Each area shows how many duties stand at each status; `--service s3` opens them.
    """
    from fnmatch import fnmatchcase

    from sharedline.cli import out

    cells = results_of(folder, scan_id, fresh=True).cells()
    if service:
        cells = [c for c in cells if c["service"] == service]
    if duty:
        cells = [c for c in cells if fnmatchcase(c["duty"], duty)]
    columns = (
        "service",
        "duty",
        "status",
        "owner",
        "sides",
        "resources",
        "findings",
        "aws",
        "customer",
        "source",
        "evidence",
    )
    if out.rows(fmt, cells, columns):
        return 0
    if service or duty:
        _one_by_one(cells)
    else:
        _areas(cells)
    return 0


def _one_by_one(cells: list[dict[str, Any]]) -> None:
    from sharedline.cli import out

    rows = []
    for c in cells:
        sides = c["sides"]
        side = "/".join(s for s in ("aws", "shared", "customer", "unknown") if sides[s])
        f = c["findings"]
        found = " ".join(
            f"{out.GLYPH[s][0]}{f[s]}" for s in ("unmet", "unknown", "waived", "met") if f[s]
        )
        rows.append({**c, "side": side or c["usual_side"], "found": found})
    narrow = (
        ("duty", "Duty", 0),
        ("side", "Side", 8),
        ("status", "Status", 12),
        ("owner", "Owner", 10),
        ("found", "Findings", 10),
    )
    wide: tuple[tuple[str, str, int], ...] = (
        ("service", "Service", 12),
        ("duty", "Duty", 34),
        ("side", "Side", 10),
        ("status", "Status", 12),
        ("owner", "Owner", 20),
        ("resources", "Rows", 6),
        ("found", "Findings", 12),
        ("source", "Source", 0),
    )
    if len({r["service"] for r in rows}) == 1:
        wide = wide[1:]
    else:
        narrow = (("service", "Service", 9), *narrow[:-1])
    out.table(rows, narrow, wide=wide)


def _areas(cells: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from sharedline.cli import out
    from sharedline.text import visible

    console = out.console()
    wide = console.width >= 120
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("Service", no_wrap=True, width=None if wide else 14, overflow="ellipsis")
    for area in AREAS:
        head = HEADS.get(area, area)
        head = head if wide or len(head) < 7 else f"{head[:5]}."
        table.add_column(head, no_wrap=True, width=None if wide else 6)
    table.add_column("Owner", no_wrap=True, overflow="ellipsis")
    by: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for c in cells:
        by[c["service"]][c["area"]].append(c)
    for service in sorted(by):
        row: list[Any] = [Text(visible(service, lines=False))]
        owners: Counter[str] = Counter()
        for area in AREAS:
            inside = by[service][area]
            statuses = Counter(c["status"] for c in inside)
            shown = [s for s in ORDER if statuses[s]]
            text = Text()
            for s in shown if wide else shown[:1]:
                glyph, style = out.GLYPH[s]
                total = "" if wide or len(shown) == 1 else f"/{len(inside)}"
                text.append(f"{glyph}{statuses[s]}{total} ", style=style)
            row.append(text)
            for c in inside:
                owners.update(c["owners"])
        names = [o for o, n in owners.items() if n]
        teams = [o for o in names if o != "nobody"]
        owner = teams[0] if len(teams) == 1 else f"{len(teams)} teams" if teams else "nobody"
        if teams and "nobody" in names:
            few = f"{len(teams)} team{'s' * (len(teams) > 1)}, nobody"
            owner = f"{owner}, nobody" if wide else few
        row.append(Text(visible(owner, lines=False), style="magenta" if "nobody" in owner else ""))
        table.add_row(*row)
    console.print(table)
    legend = "  ".join(f"{out.GLYPH[s][0]} {s}" for s in ORDER)
    console.print(Text(f"\n{legend}", style="dim"))
    if not wide:
        console.print(
            Text("✗5/8: the worst status of an area, and of how many duties.", style="dim")
        )
    console.print(Text("`sharedline matrix --service s3` opens a row.", style="dim"))
