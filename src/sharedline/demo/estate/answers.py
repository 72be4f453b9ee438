"""Writes the fixtures of a stage: the shipped ones with their ids filled in, and those computed.

Ages are of two kinds. What lies in the past happened on a fixed day before the last scan; what
is always fresh (a node's last ping) moves with the scan of each stage.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from sharedline.demo.emulator import Emulator
from sharedline.demo.estate.place import ACCOUNTS, Estate, Place
from sharedline.demo.fixtures import ALL
from sharedline.demo.shapes import relative
from sharedline.errors import ConfigError

_FILL = re.compile(r"\$\(([^)]+)\)")
_AGE = re.compile(r"now|[+-](?:\d+[smhdw])+")


@dataclass
class Book:
    """The fixtures being computed for the scan at `at`; `today` is the last scan's moment."""

    estate: Estate
    at: datetime
    today: datetime
    pages: dict[tuple[str, str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def add(
        self, here: Place, operation: str, output: Mapping[str, Any], **more: Mapping[str, Any]
    ) -> None:
        """One case: `service.Operation` here answers `output`; `when` and `keep` by keyword."""
        self.pages.setdefault((here.id, here.region, operation), []).append(
            {**more, "output": output}
        )

    def ago(self, days: float) -> str:
        """A day in the past."""
        return _text(self.today - timedelta(days=days))

    def fresh(self, **how_long: float) -> str:
        """A moment shortly before the scan."""
        return _text(self.at - timedelta(**how_long))

    def happened(self, days: float) -> bool:
        """Whether something of that age had happened when the scan ran."""
        return self.today - timedelta(days=days) <= self.at

    def used(self, days: float | None) -> str | None:
        """When a credential was last used: habits of the last days moved with the scan."""
        if days is None:
            return None
        return self.fresh(days=days) if days < 10 else self.ago(days)


def refresh(
    emulator: Emulator, estate: Estate, folder: Path, at: datetime, today: datetime
) -> None:
    """Put the fixtures of a stage in force; moto answers alone while they are computed."""
    emulator.fixtures(None)
    write(estate, folder, at, today)
    emulator.fixtures(folder)


def write(estate: Estate, folder: Path, at: datetime, today: datetime | None = None) -> None:
    """Write all fixtures for a scan at a moment into an empty folder."""
    # Imported here: each of them imports Book from this module.
    from sharedline.demo.estate import (
        answers_accounts,
        answers_findings,
        answers_identity,
        answers_machines,
    )

    shutil.rmtree(folder, ignore_errors=True)
    _shipped(estate, folder, at)
    book = Book(estate, at, today or at)
    for part in (answers_accounts, answers_identity, answers_machines, answers_findings):
        part.fill(book)
    for (account, region, operation), cases in book.pages.items():
        path = folder / account / region / f"{operation}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(cases, default=_plain), "utf-8")


def _shipped(estate: Estate, folder: Path, at: datetime) -> None:
    """Copy the shipped files: account names become ids, `$(…)` what it stands for."""
    source = Path(str(files("sharedline.demo"))) / "fixtures"
    for path in sorted(source.glob("*/*/*.yaml")):
        account, region, name = path.relative_to(source).parts
        if account not in (ALL, *ACCOUNTS):
            raise ConfigError(f"{path}: there is no account {account!r}.", f"Known: {ACCOUNTS}.")
        target = folder / estate.accounts.get(account, account) / region / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_filled(path, estate, at), "utf-8")


def _filled(path: Path, estate: Estate, at: datetime) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if _AGE.fullmatch(name):
            return _text(relative(name, at))
        if name not in estate.ids:
            raise ConfigError(f"{path}: nothing is called $({name}).", "See Place.keep.")
        return estate.ids[name]

    return _FILL.sub(value, path.read_text("utf-8"))


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> Any:
    """What boto3 answered, as a fixture writes it."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
