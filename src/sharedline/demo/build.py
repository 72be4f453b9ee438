"""Makes the demo's folder: an example estate on the local emulator, scanned three times."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

from sharedline.demo import assurance, trail
from sharedline.demo.emulator import Emulator, start
from sharedline.demo.estate import answers, changes, theft, whole
from sharedline.demo.estate.place import FRANKFURT, Estate
from sharedline.demo.fill import filled
from sharedline.demo.logs import files
from sharedline.demo.story import tell
from sharedline.errors import ConfigError, Error
from sharedline.project import open_project

#: GuardDuty's finding of the attack, for `sharedline incident`.
FINDING = "finding.json"


@dataclass(frozen=True)
class Visit:
    """One scan: how long ago, what happened in the estate before it, which checks (else all)."""

    days_ago: int
    before: Callable[[Estate], None] | None = None
    checks: tuple[str, ...] = ()


VISITS = (
    # The company tried the product on what it feared most, then took everything in.
    Visit(21, checks=("s3/*", "ec2/*", "vpc/*", "iam/*", "kms/*", "lambda/*")),
    Visit(7, changes.repairs),
    Visit(0, changes.relapse),
)


def build(
    folder: Path, say: Callable[[str], None], hold: Callable[[str], None] | None = None
) -> None:
    """Make the example estate, scan it three times into `folder`, and let it go again.

    With `hold` the estate still answers while that runs: what is found can be mended, and the next
    scan sees it. It is given the emulator's URL.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise Error(f"The folder {folder} is not empty.", "Name one that is, or a new one.")
    folder.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC)
    say("Starting a local AWS emulator; nothing leaves this machine.")
    with contextlib.ExitStack() as stack:
        emulator = stack.enter_context(start(clock=today, seed=whole.SEED))
        say("Building the example estate: four accounts of a food delivery company.")
        estate = whole.build(emulator.url)
        copy_project(folder, estate, today)
        assurance.write(folder, today)
        trail.write(folder / trail.FOLDER, estate, today)
        fixtures = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        visit_all(emulator, estate, folder, fixtures=fixtures, today=today, say=say)
        # While the emulator still answers with the fixtures of the last scan.
        save_finding(estate, folder / FINDING)
        if hold is None:
            stack.close()
        _papers(folder, estate, today, say)
        if hold is not None:
            hold(emulator.url)


def _papers(folder: Path, estate: Estate, today: datetime, say: Callable[[str], None]) -> None:
    say("Writing a month of the organisation's trail, and reading it into the lake.")
    files.write(folder / files.FOLDER, estate, today)
    read_trail(folder)
    say("Taking AWS's reports on file, and writing the evidence log.")
    assurance.file_reports(folder, today)
    assurance.log_evidence(folder)


def visit_all(
    emulator: Emulator,
    estate: Estate,
    folder: Path,
    *,
    fixtures: Path,
    today: datetime,
    say: Callable[[str], None],
) -> None:
    """Scan, let something happen, scan again: with the product's own function, as anybody would."""
    from sharedline.scanning import scan

    project, last = open_project(folder), None
    for number, visit in enumerate(VISITS, 1):
        at = today - timedelta(days=visit.days_ago)
        if visit.before:
            emulator.fixtures(None)
            visit.before(estate)
        answers.refresh(emulator, estate, fixtures, at, today)
        tell(project, estate, today, last, at)
        when = f"as of {visit.days_ago} days ago" if visit.days_ago else "as of today"
        say(f"Scan {number} of {len(VISITS)}, {when}.")
        # Accounts, Regions, role and endpoint are those of the folder's sharedline.toml.
        scan(
            estate.session(),
            checks=visit.checks,
            folder=folder,
            as_of=at,
            # The budget guards accounts that others work in; nobody works in this one.
            rate=50.0,
        )
        last = at


def save_finding(estate: Estate, path: Path) -> None:
    """What `aws guardduty get-findings` would print of the finding that nobody opened."""
    here = estate.at("production", FRANKFURT)
    found = here("guardduty").get_findings(
        DetectorId=here.get(f"detector/{FRANKFURT}"), FindingIds=[theft.FINDING]
    )["Findings"]
    path.write_text(json.dumps({"Findings": found}, indent=2) + "\n", "utf-8")


def read_trail(folder: Path) -> None:
    """Take the trail into the lake and look through it, as `trail ingest` and `detect` do."""
    from sharedline.inventory.engines import open_engine
    from sharedline.inventory.lake import Lake
    from sharedline.trail import sigma, store
    from sharedline.trail.ingest import ingest

    lake = Lake(open_project(folder).lake_url)
    done = ingest(lake, [str(folder / files.FOLDER)], processes=1)
    if done.incomplete:
        raise Error("The demo's own trail could not be read.", f"{(done.aside + done.unread)[:3]}")
    engine = open_engine("", lake)
    try:
        store.register(engine, lake)
        sigma.keep(lake, sigma.run(engine, sigma.load()))
    finally:
        engine.close()


def copy_project(folder: Path, estate: Estate, today: datetime) -> None:
    """The files of intent, with the accounts and days of this estate."""
    source = Path(str(resources.files("sharedline.demo"))) / "project"
    for path in sorted(source.iterdir()):
        text = filled(path.read_text("utf-8"), today, lambda name: _value(name, estate))
        (folder / path.name).write_text(text, "utf-8")


def _value(name: str, estate: Estate) -> str:
    known = {
        "url": estate.url,
        **{f"account/{account}": number for account, number in estate.accounts.items()},
        **estate.ids,
    }
    if name not in known:
        raise ConfigError(f"The demo's project names $({name}), which is not.", "See Place.keep.")
    return known[name]
