"""`sharedline comply map`: a person says what a clause asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import click

from sharedline.cli.common import folder_option


@click.command(name="map")
@click.argument("clause")
@click.argument("targets", nargs=-1, required=True)
@click.option("--by", "by_whom", required=True, help="The person who decides.")
@click.option("--owner", default="", help="The team that answers for the clause.")
@click.option("--note", default="", help="Why.")
@folder_option
def command(
    clause: str, targets: tuple[str, ...], by_whom: str, owner: str, note: str, folder: Path
) -> int:
    """Say which controls and duties a clause asks for; written to policies.toml.

    TARGETS are duty ids (identity.mfa) and controls (nist-800-53-r5:AC-2, "iso-27001-2022:A.5.15").
    The clause's words are remembered, so that a later change of them shows.
    """
    from sharedline.cli import out
    from sharedline.comply.policies import clauses as read
    from sharedline.comply.policies import mapping
    from sharedline.errors import Error
    from sharedline.project import open_project

    if not by_whom.strip():
        raise Error("A mapping needs the person who decides.", "Give --by NAME.")
    project = open_project(folder)
    known = {c.id: c for c in read.read(project.policies)}
    if clause not in known:
        near = get_close_matches(clause, known, 3)
        raise Error(
            f"There is no clause {clause!r}.",
            f"Did you mean {', '.join(near)}?" if near else "See `sharedline comply policies`.",
        )
    controls, duties = mapping.targets(targets, f"Clause {clause}", project.frameworks)
    made = mapping.Asked(
        clause, tuple(controls), tuple(duties), owner, note, by_whom,
        datetime.now(UTC).date(), known[clause].fingerprint,
    )  # fmt: skip
    mapping.append(project.mapping, made)
    out.line(f"{clause} asks for {', '.join((*controls, *duties))}.")
    return 0
