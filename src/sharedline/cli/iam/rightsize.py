"""`sharedline iam rightsize`: a role's policy cut down to its use, with proofs."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option, results_of, scan_option

if TYPE_CHECKING:
    from sharedline.iam.fit.fate import Evidence
    from sharedline.iam.fit.rightsize import Rightsized
    from sharedline.iam.fit.trail_events import Reading
    from sharedline.results import Results

_MARKS = {True: "✓", False: "✗", None: "?"}


@click.command(name="rightsize")
@click.argument("role")
@folder_option
@scan_option
@format_option("text", "json")
@click.option(
    "--events",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file or folder of CloudTrail events; beside the lake's trail.",
)
@click.option(
    "--days",
    default=90,
    show_default=True,
    type=click.IntRange(1, 400),
    help="How old a use may be.",
)
@click.option(
    "--every-region",
    is_flag=True,
    help="The events are of all Regions, though all of them are of one.",
)
@click.option("--resources", is_flag=True, help="Hold actions to the resources that were used.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="Write the policy to a file, if proven."
)
def command(
    *,
    role: str,
    folder: Path,
    scan_id: str,
    fmt: str,
    paths: tuple[Path, ...],
    days: int,
    every_region: bool,
    resources: bool,
    output: Path | None,
) -> int:
    """A role's policy cut down to its use, with proofs.

    ROLE is the name or ARN of a role or user of the scan. What was used stays, what was certainly
    not used goes, and what nobody could have seen stays too. Exit code 0 where everything is
    proven, 1 where not, 3 where the use is not known.
    """
    from sharedline.iam.access import estate
    from sharedline.iam.fit import evidence, rightsize
    from sharedline.iam.fit.trail_events import Reading

    results = results_of(folder, scan_id)
    found = estate.load(results)
    arn = evidence.principal(found, role)
    reading = Reading()
    made = rightsize.rightsize(
        found,
        _evidence(results, arn, paths, days, reading, every_region=every_region),
        resources=resources,
    )
    _print(made, fmt, reading)
    if output is not None:
        _write(made, output)
    return 0 if made.proven else 1


def _evidence(
    results: Results,
    arn: str,
    paths: tuple[Path, ...],
    days: int,
    reading: Reading,
    *,
    every_region: bool,
) -> Evidence:
    from sharedline.iam.fit import evidence
    from sharedline.iam.fit.fate import Evidence
    from sharedline.iam.fit.trail_events import read
    from sharedline.iam.fit.usage import gather, key_of
    from sharedline.trail import store
    from sharedline.trail.usage import events_of

    as_of = results.manifest.as_of
    since = evidence.since(as_of, days)
    usage = None
    if paths or store.available(results.lake):
        # The lake's trail is summed up where it lies: a hundredth of its events come here.
        events = chain(read(paths, reading), events_of(results.lake, arn, since))
        usage = gather(events, since=since, only=key_of(arn))
        usage.every_region = every_region
    accessed = evidence.last_accessed(results, arn, as_of)
    return Evidence(arn, as_of, days, usage, accessed)


def _print(made: Rightsized, fmt: str, reading: Reading) -> None:
    from sharedline.cli import out

    for problem in reading.problems[:10]:
        out.note(f"Not read: {problem}.")
    if len(reading.problems) > 10:
        out.note(f"{len(reading.problems) - 10} more could not be read.")
    if fmt == "json":
        out.as_json(_as_data(made))
        return
    out.line(f"{made.arn}: from {made.source}, {made.days:g} days.")
    columns = (
        ("service", "Service", 18),
        ("granted", "Granted", 7),
        ("used", "Used", 5),
        ("unseen", "Unseen", 6),
        ("removed", "Removed", 7),
        ("why", "Why unseen stays", 0),
    )
    rows = [
        {
            "service": one.service,
            "granted": one.granted,
            "used": len(one.used),
            "unseen": len(one.unseen),
            "removed": len(one.removed),
            "why": one.why,
        }
        for one in made.services
    ]
    out.table(rows, columns)
    for note in made.notes:
        out.line(note)
    for proof in made.proofs:
        out.line(f"{_MARKS[proof.holds]} {proof.name}: {proof.detail}.")
    if made.document is None:
        out.line("Nothing that it may do was used: take its policies away.")
        return
    if not any(one.removed for one in made.services):
        out.line("No action can be taken away on what is known.")
    if not made.proven:
        out.line("Not proven: look at it before you use it. It replaces:")
    else:
        out.line("Proven on what is known. It replaces:")
    for name in made.replaces:
        out.line(f"  {name}")
    out.as_json(made.document)


def _as_data(made: Rightsized) -> dict[str, Any]:
    return {
        "principal": made.arn,
        "proven": made.proven,
        "policy": made.document,
        "replaces": list(made.replaces),
        "proofs": [
            {"name": one.name, "holds": one.holds, "detail": one.detail} for one in made.proofs
        ],
        "services": [
            {
                "service": one.service,
                "granted": one.granted,
                "used": list(one.used),
                "unseen": list(one.unseen),
                "removed": list(one.removed),
                "why": one.why,
            }
            for one in made.services
        ],
        "source": made.source,
        "days": made.days,
        "notes": list(made.notes),
    }


def _write(made: Rightsized, output: Path) -> None:
    import json

    from sharedline.cli import out
    from sharedline.errors import ConfigError

    if not made.proven or made.document is None:
        out.note(f"{output} was not written: the policy is not proven.")
        return
    try:
        output.write_text(json.dumps(made.document, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"{output} cannot be written ({error}).", "Name another file.") from error
    out.note(f"Wrote {output}.")
