"""`sharedline comply coverage`: what proves the parts of a framework."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option
from sharedline.comply.model import HOW

if TYPE_CHECKING:
    from sharedline.comply.cover import Proof

COLUMNS = (
    "control_part",
    "title",
    "how",
    "duty_view",
    "duties",
    "named",
    "mapped",
    "by_duty",
    "related",
)


@click.command(name="coverage")
@click.option("--framework", "name", required=True, help="Its id, see `comply frameworks`.")
@click.option("--baseline", default="", help="Only the controls of a baseline, as moderate.")
@click.option("--how", type=click.Choice(tuple(HOW)), help="List the parts proved in this way.")
@folder_option
@format_option()
def command(name: str, baseline: str, how: str | None, folder: Path, fmt: str) -> int:
    """Which checks and reports prove a framework's control parts, and what nothing proves.

    A check proves a part that it names; a part that a named one restates; or, weakest, a part of
    the same duty. What no check can see needs AWS's report or a person's attestation.
    """
    from sharedline.checks.load import load as load_checks
    from sharedline.cli import out
    from sharedline.comply.catalogue import load
    from sharedline.comply.cover import prove
    from sharedline.project import open_project

    project = open_project(folder)
    framework = load(name, project.frameworks)
    proofs = [
        proof
        for proof in prove(framework, load_checks((), project.checks)).values()
        if not proof.part.header and (not baseline or baseline in proof.part.baselines)
    ]
    chosen = [_row(p) for p in proofs if how in (None, p.how)]
    if out.rows(fmt, chosen, COLUMNS):
        return 0
    if how:
        out.table(
            chosen,
            (("control_part", "Part", 14), ("duty_view", "Who acts", 9), ("title", "Title", 0)),
            wide=(
                ("control_part", "Part", 14),
                ("duty_view", "Who acts", 9),
                ("title", "Title", 45),
                ("checks", "Checks", 0),
            ),
        )
        return 0
    counts: Counter[str] = Counter(p.how for p in proofs)
    out.line(f"{framework.title}: {len(proofs):,} parts")
    for kind, words in HOW.items():
        if counts[kind]:
            out.line(f"  {counts[kind]:>5,}  {words}  (--how {kind})")
    return 0


def _row(proof: Proof) -> dict[str, Any]:
    return {
        "control_part": proof.part.id,
        "title": proof.part.title,
        "how": proof.how,
        "duty_view": proof.part.side.value,
        "duties": list(proof.part.duties),
        "named": list(proof.named),
        "mapped": list(proof.mapped),
        "by_duty": list(proof.duty),
        "related": list(proof.related),
        "checks": ", ".join(proof.checks),
    }
