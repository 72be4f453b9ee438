"""`sharedline incident`: what happened, whose duty failed, what would have stopped it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    import pyarrow as pa

    from sharedline.incident.model import Chain, Subject
    from sharedline.inventory.engines import Engine
    from sharedline.inventory.lake import Lake
    from sharedline.project import Project

_TIMES = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S"))


@click.command(name="incident")
@click.argument(
    "finding", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@folder_option
@format_option("text", "json", "markdown", "html")
@click.option("--detection", metavar="NAME", help="A detection of the lake by name, or latest.")
@click.option("--detections", is_flag=True, help="All that the detections found in the lake.")
@click.option("--principal", help="The ARN of a user, role or session, or an access key id.")
@click.option("--event", metavar="ID", help="An event of the trail by its eventID.")
@click.option(
    "--events",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="CloudTrail files or folders to use instead of the lake's trail.",
)
@click.option("--since", type=_TIMES, help="From this time on (UTC).")
@click.option("--until", type=_TIMES, help="To before this time (UTC).")
@click.option("--engine", "engine_url", help="duckdb, local[2] or spark://host:7077.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; stdout without."
)
def command(finding: Path | None, folder: Path, fmt: str, output: Path | None, **asked: Any) -> int:
    """The chain behind a finding, whose duty failed, what would have stopped it.

    FINDING is a GuardDuty, Security Hub (ASFF) or OCSF finding, or CloudTrail events, as JSON.
    Exit code 1 where a duty of the customer's failed or was not in place, 3 where the trail holds
    no event of it or the chain had to be cut.
    """
    from sharedline.incident.render import Told
    from sharedline.project import open_project

    project = open_project(folder)
    told = [Told(v, project.folder / "runbooks") for v in _verdicts(project, finding, asked)]
    _write(fmt, [t.data() for t in told], output)
    if any(t.verdict.unmet for t in told):
        return 1
    cut = any(t.verdict.chain.truncated or not t.verdict.chain.steps for t in told)
    return 3 if cut or not told else 0


def _verdicts(project: Project, finding: Path | None, asked: dict[str, Any]) -> list[Any]:
    from datetime import UTC

    from sharedline.errors import Error
    from sharedline.incident import verdict_around, verdict_rules, verdict_scans
    from sharedline.incident.chain import chains
    from sharedline.incident.verdict import judge
    from sharedline.incident.verdict_sum import summed
    from sharedline.inventory.lake import Lake

    named = [finding, *(asked[k] for k in ("detection", "detections", "principal", "event"))]
    if sum(bool(n) for n in named) > 1 or not (any(named) or asked["events"]):
        raise Error(
            "Say what the incident starts from, once.",
            "Give a finding's file, --detection, --detections, --principal, --event or --events.",
        )
    lake = Lake(project.lake_url)
    since, until = (asked[k].replace(tzinfo=UTC) if asked[k] else None for k in ("since", "until"))
    engine, table, subjects = _opened(project, lake, finding, asked)
    scans = verdict_scans.Scans(project, lake)
    try:
        found: list[Chain] = chains(engine, subjects, table=table, since=since, until=until)
        rules = verdict_rules.load()
        return [
            summed(judge(c, rules, scans, verdict_around.ask(engine, c, table)), scans)
            for c in found
        ]
    finally:
        scans.close()
        engine.close()


def _opened(
    project: Project, lake: Lake, finding: Path | None, asked: dict[str, Any]
) -> tuple[Engine, str, Sequence[Subject]]:
    """The engine, the name of the table of events in it, and what is asked about."""
    from sharedline.errors import Error
    from sharedline.incident import inputs, inputs_events
    from sharedline.inventory.engines import open_engine
    from sharedline.trail import store

    given = inputs.read(finding) if finding else None
    events = _files(asked["events"]) if asked["events"] else given.events if given else None
    subjects: Sequence[Subject] = given.subjects if given else ()
    if asked["principal"]:
        subjects = (inputs.of_principal(asked["principal"]),)
    if asked["event"]:
        subjects = (inputs.of_event(asked["event"]),)
    if asked["events"] and not subjects:
        assert events is not None
        subjects = (inputs_events.subject_of(events, ", ".join(p.name for p in asked["events"])),)
    engine_url = asked["engine_url"] or project.engine
    if asked["events"] or (events is not None and not store.available(lake)):
        assert events is not None
        engine = open_engine(engine_url, None)
        engine.arrow("cloudtrail", events)  # type: ignore[attr-defined]  # both engines have it
        return engine, "cloudtrail", _detected(asked, lake, engine) or subjects
    if not store.available(lake):
        raise Error(
            f"The lake {lake.url} holds no trail.",
            "Run `sharedline trail ingest`, or give CloudTrail files with --events.",
        )
    engine = open_engine(engine_url, lake)
    store.register(engine, lake)
    table = inputs_events.joined(engine, events) if events is not None else "cloudtrail"
    return engine, table, _detected(asked, lake, engine) or subjects


def _detected(asked: dict[str, Any], lake: Lake, engine: Engine) -> Sequence[Subject]:
    """The subjects of --detection and --detections; none where neither was given."""
    from sharedline.errors import Error
    from sharedline.incident import inputs
    from sharedline.trail import sigma

    name = asked["detection"]
    if not name and not asked["detections"]:
        return ()
    found = [] if asked["events"] else sigma.kept(lake)
    if not found:  # nobody ran the detections yet, or these events are not the lake's
        found = sigma.run(engine, sigma.load())
    if name == "latest":
        found = sorted(found, key=lambda d: d.time)[-1:]
    elif name:
        found = [d for d in found if name in (d.name, d.name.rsplit("/", 1)[-1], d.rule)]
    if not found:
        what = f"no detection {name!r}" if name and name != "latest" else "nothing"
        raise Error(f"The detections found {what}.", "See `sharedline trail detect`.")
    return inputs.of_detections(found)


def _files(paths: Sequence[Path]) -> pa.Table:
    """The events of files and of all files below folders."""
    import pyarrow as pa

    from sharedline.errors import Error
    from sharedline.incident.inputs_events import read_events
    from sharedline.trail.duplicates import unique

    files: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        files += [p for p in inside if p.is_file() and not p.name.startswith(".")]
    tables, wrong = [], []
    for file in files:
        try:
            tables.append(read_events(file.read_bytes(), file.name))
        except Error as error:
            wrong.append(error)
    if not tables:
        raise wrong[0] if wrong else Error("There are no files there.", "Give CloudTrail files.")
    for one in wrong:
        click.echo(f"Left out: {one.message}", err=True)
    return unique(pa.concat_tables(tables))


# -- printing ----------------------------------------------------------------------------------


def _write(fmt: str, incidents: list[dict[str, Any]], output: Path | None) -> None:
    import json

    from sharedline.errors import Error
    from sharedline.text import json_visible

    if fmt == "json":
        first = {**incidents[0], "others": incidents[1:]} if incidents else {}
        text = json_visible(json.dumps(first, indent=2, ensure_ascii=False, default=str)) + "\n"
    elif fmt == "html":
        from sharedline.incident.render_html import page

        text = page(incidents)
    elif fmt == "markdown":
        from sharedline.incident.render_markdown import markdown

        text = "\n".join(markdown(i) for i in incidents)
    else:
        text = _text(incidents, to_file=output is not None)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        raise Error(
            f"{output} cannot be written ({error.strerror}).", "Choose another file."
        ) from error
    click.echo(f"Wrote {output}.", err=True)


def _text(incidents: Sequence[dict[str, Any]], *, to_file: bool) -> str:
    """The text for people, as wide as the terminal."""
    import io

    from rich.console import Console

    from sharedline.cli import out

    wide = 100 if to_file else out.console().width
    plain = io.StringIO()
    screen = Console(
        file=plain,
        width=wide,
        highlight=False,
        emoji=False,
        markup=False,
        force_terminal=not to_file and out.console().is_terminal,
    )
    for number, data in enumerate(incidents):
        if number:
            screen.print("\n" + "═" * min(wide, 60))
        _print(screen, data)
    return plain.getvalue()


def _print(screen: Any, data: dict[str, Any]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from sharedline.text import visible

    def say(value: object, indent: int = 0, style: str = "") -> None:
        screen.print(
            Padding(Text(visible(value, lines=False), style=style), (0, 0, 0, indent), expand=False)
        )

    say(data["subject"]["title"] or data["subject"]["id"] or "Incident", style="bold")
    for sentence in data["summary"]:
        say(sentence)
    screen.print()
    say("What happened", style="bold")
    for step in data["chain"]:
        times = f" ×{step['count']}" if step["count"] > 1 else ""
        refused = f" ({step['error']})" if step["error"] else ""
        told = ", ".join(step["techniques"])
        say(f"{step['step']:>3}  {step['time']}  {step['event']}{times}{refused}  {told}".rstrip())
        who = step["principal"] + (f" from {step['address']}" if step["address"] else "")
        say("; ".join(x for x in (who, *step["kinds"]) if x), 5, "dim")
    screen.print()
    say("Whose duty", style="bold")
    for row in data["verdict"]:
        _row(say, row)
    if data["unknown"]:
        screen.print()
        say("What is not known, and where it would be found", style="bold")
        for one in data["unknown"]:
            say(f"? {one['what']}")
            say(one["where"], 4, "dim")
    _last(say, screen, data)


def _row(say: Any, row: dict[str, Any]) -> None:
    from sharedline.incident.render_html import SIGNS

    style = {"failed": "bold red", "absent": "magenta", "undecidable": "yellow"}
    sign, name = SIGNS[row["status"]]
    owner = "owned by nobody" if row["owner"] == "nobody" else f"owner {row['owner']}"
    say(f"{sign} {row['status']}: {row['title']} ({row['duty']})", 0, style.get(name, "cyan"))
    side = "shared" if row["side"] == "shared" else f"{row['side']}'s side"
    say(f"{side}, {owner}", 4)
    for one in row["evidence"][:3]:
        say(f"{one['kind']}: {one['says']}", 4, "dim")
    stopped = row["would_have_stopped"]
    if stopped:
        say(f"Met, it would have stopped step {stopped['step']}, {stopped['event']}.", 4)


def _last(say: Any, screen: Any, data: dict[str, Any]) -> None:
    if data["call_first"]:
        screen.print()
        say("Whom to call first", style="bold")
        for number, one in enumerate(data["call_first"], 1):
            person = f" ({one['person']})" if one["person"] else ""
            say(f"{number}. {one['owner']}{person}: {', '.join(one['duties'])}; {one['why']}")
    if data["runbooks"]:
        screen.print()
        say("Runbook to open", style="bold")
        for one in data["runbooks"]:
            say(one["open"], 2)
    for one in data["provider"]:
        say(f"AWS's side, {one['kind']}: {one['aws']} {one['you']}".rstrip(), 0, "dim")
