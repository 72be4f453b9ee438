"""`sharedline trail review`: who looked at which logs and when, and where nobody did."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sharedline.cli.common import folder_option, format_option

if TYPE_CHECKING:
    from sharedline.inventory.engines import Engine
    from sharedline.trail.review.report import Review

_DAY = click.DateTime(("%Y-%m-%d",))


@click.command(name="review")
@folder_option
@format_option("text", "json", "csv")
@click.option("--since", type=_DAY, help="From this UTC day on; 30 days by default.")
@click.option("--until", type=_DAY, help="To this UTC day, included; the newest by default.")
@click.option("--account", default="", help="One account.")
@click.option("--who", metavar="SOURCE", help="The readers of a source: its name or kind.")
@click.option("--events", metavar="SOURCE", help="Their single events.")
@click.option("--findings", is_flag=True, help="Open findings: first look, who touched them.")
@click.option("--changes", is_flag=True, help="Changes to findings, and what hides them unseen.")
@click.option("--alarms", is_flag=True, help="Alarms, and whom they reach.")
@click.option("--deliveries", is_flag=True, help="Log files that were refused.")
@click.option(
    "--ask-aws", is_flag=True, help="Ask GuardDuty and Security Hub who changed findings."
)
@click.option("--profile", default="", help="A profile of the AWS configuration, for --ask-aws.")
@click.option("--endpoint-url", default="", help="Any AWS-compatible endpoint.")
@click.option("--engine", default="", help="duckdb, local[2] or spark://host:port.")
@click.option("--limit", type=int, default=50, show_default=True, help="Rows of text; 0 for all.")
@click.option("--lake", "lake_url", help="The lake's folder or URL.")
def command(folder: Path, fmt: str, lake_url: str | None, **asked: Any) -> int:
    """Who looked at which logs and findings, by the trail itself, and where nobody did.

    Readers that may be people or machines are unclear, and never counted as people. Where the trail
    could not have shown a look, the answer is unknown, with the reason. Exit code 1 where nobody
    looked, an alarm reaches nobody or a log was refused; 3 where the only gaps are unknown.
    """
    from sharedline.cli.trail import review_text
    from sharedline.errors import Error
    from sharedline.inventory.engines import open_engine
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project
    from sharedline.report import reviewing
    from sharedline.trail import store

    project = open_project(folder)
    lake = Lake(lake_url or project.lake_url)
    if not store.available(lake):
        raise Error(
            "The lake holds no trail, so that nobody can say who looked.",
            "Run `sharedline trail ingest` first.",
        )
    since, until = _utc(asked["since"]), _utc(asked["until"])
    if until:
        until = min(until + timedelta(days=1), datetime.now(UTC))
    if since and until and since >= until:
        raise Error(
            f"There is no time between {since:%Y-%m-%d} and {until:%Y-%m-%d}.", "Swap them."
        )
    with contextlib.closing(open_engine(asked["engine"] or project.engine, lake)) as engine:
        made = reviewing.gather(project, lake, engine, since, until, asked["account"])
        if asked["ask_aws"]:
            _ask(made, asked, str(project.scan.get("endpoint_url", "")))
        opened = _opened(engine, made, asked)
    if opened is not None:
        review_text.opened(fmt, *opened, limit=asked["limit"])
        return 0
    review_text.summary(fmt, made, asked["limit"])
    return review_text.exit_code(made)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _ask(made: Review, asked: dict[str, Any], endpoint: str) -> None:
    from sharedline.trail.review.ask import ask
    from sharedline.trail.sources import Aws

    aws = Aws(asked["profile"], asked["endpoint_url"] or endpoint)
    rows, notes = ask(aws.client, made.sources, made.changes, made.since, made.until)
    made.history = rows
    made.notes += notes


def _opened(engine: Engine, made: Review, asked: dict[str, Any]) -> tuple[str, list[Any]] | None:
    """The rows behind a number, if they are asked for: the view's name and its rows."""
    from sharedline.errors import Error
    from sharedline.trail.review import report

    wanted = asked["who"] or asked["events"]
    if wanted:
        sources = report.chosen(made, wanted)
        if not sources:
            kinds = ", ".join(sorted({r["source"] for r in made.sources})) or "none"
            raise Error(f"There is no source {wanted!r}.", f"Give a name or a kind: {kinds}.")
        if asked["who"]:
            return "who", report.who(made, sources)
        return "events", report.single(engine, made, sources, asked["limit"])
    for view in ("findings", "alarms", "deliveries"):
        if asked[view]:
            return view, getattr(made, view)
    if asked["changes"]:
        return "changes", _all_changes(made)
    return None


def _all_changes(made: Review) -> list[dict[str, Any]]:
    rows = [
        {**c, "what": c["event"], "named": len(c["findings"]), "by": "trail"} for c in made.changes
    ]
    rows += [{**h, "named": 1, "by": "AWS"} for h in made.history]
    hiders = {"at": None, "reader": "machine", "rule": "automatic", "named": None, "by": "scan"}
    return rows + [{**h, **hiders, "who": h["name"]} for h in made.hiding]
