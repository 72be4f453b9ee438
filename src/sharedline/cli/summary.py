"""What a person sees at the end of a scan: counts, the worst gaps, what is unknown and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from sharedline.cli import out
from sharedline.cli.common import improved, log
from sharedline.model import NOBODY, SEVERITIES
from sharedline.results import Results
from sharedline.scanning import Scan
from sharedline.text import visible


def ended(folder: Path, done: Scan) -> int:
    """Prints the summary of a scan, lets what follows from it follow; gives the exit code."""
    print_summary(done.results)
    log(folder)
    improved(folder, done.results)
    if done.incomplete:
        return 3
    return 1 if done.results.counts().get("unmet") else 0


def print_summary(results: Results) -> None:
    """Prints the summary of a scan."""
    m = results.manifest
    cells = results.cells()
    counts, by_severity = results.counts(), results.severities()
    statuses = Counter(c["status"] for c in cells)
    services = {c["service"] for c in cells}
    click.echo()
    click.echo(
        f"Scan {m.id}: {len(m.accounts)} accounts, {len(m.regions)} Regions, "
        f"{len(services)} services in use, {len(m.data['checks'])} checks"
    )
    click.echo()
    click.echo("  Duties (service by duty)")
    for status in ("unmet", "unknown", "unverified", "waived", "met", "inherited"):
        if statuses[status]:
            glyph = out.GLYPH[status][0]
            click.echo(f"    {glyph} {statuses[status]:>5} {status:<11}{_MEANING[status]}")
    unowned = sum(1 for c in cells if c["owners"].get(NOBODY))
    if unowned:
        click.echo(f"    ⌀ {unowned:>5} {'unowned':<11}nobody owns some resource")
    click.echo()
    severe = ", ".join(f"{by_severity[s]} {s}" for s in SEVERITIES if by_severity.get(s))
    click.echo("  Findings (check by resource)")
    click.echo(f"    ✗ {counts.get('unmet', 0):>5} unmet      {severe or 'none'}")
    for status in ("unknown", "waived", "met"):
        click.echo(f"    {out.GLYPH[status][0]} {counts.get(status, 0):>5} {status}")
    _unknown(results)
    worst = results.worst(8)
    if worst:
        click.echo()
        out.table(
            worst,
            (
                ("severity", "Severity", 8),
                ("n", "Rows", 4),
                ("title", "What", 0),
                ("owners", "Owners", 22),
            ),
            wide=(
                ("severity", "Severity", 8),
                ("n", "Rows", 4),
                ("title", "What", 0),
                ("check", "Check", 44),
                ("owners", "Owners", 30),
            ),
            title="The worst of them",
        )
    click.echo()
    click.echo("See `sharedline matrix`, `sharedline gaps`, `sharedline report`.")


_MEANING = {
    "unmet": "a check fails",
    "unknown": "something could not be read",
    "unverified": "nothing checks it, nobody attests it",
    "waived": "an accepted exception",
    "met": "checked or attested",
    "inherited": "AWS's side",
}


def _unknown(results: Results) -> None:
    """The calls that were refused, and the actions to grant."""
    failures = results.manifest.failures
    calls: Counter[tuple[str, str]] = Counter((f["call"], f["code"]) for f in failures)
    for counts in results.manifest.data.get("row_errors", {}).values():
        for key, n in counts.items():
            call, _, code = key.partition(" ")
            calls[(call, code)] += n
    if not calls:
        return
    click.echo()
    click.echo(f"  INCOMPLETE: {len(calls)} kinds of call failed; what they read is unknown.")
    for (call, code), n in calls.most_common(6):
        click.echo(f"    {visible(call)} answered {visible(code)} ({n} times)")
    if len(calls) > 6:
        click.echo(f"    and {len(calls) - 6} more: `sharedline scans --failures`")
