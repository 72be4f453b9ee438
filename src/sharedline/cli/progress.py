"""Progress of a scan on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from sharedline.cli.out import console
from sharedline.collect.run import Step
from sharedline.text import visible


class Bar:
    """Counts calls, tables and failures as they come."""

    def __init__(self) -> None:
        self.calls = self.tables = self.failed = self.total = 0
        self._told = time.monotonic()
        self._live: Progress | None = None
        if sys.stderr.isatty():
            self._live = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[note]}"),
                TimeElapsedColumn(),
                console=console(err=True),
                transient=True,
            )
            self._task = self._live.add_task("Reading", total=None, note="")

    def __enter__(self) -> Bar:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()
        elif self.tables:
            self._line()

    def say(self, message: str) -> None:
        """A sentence about what is left out and why."""
        if self._live:
            self._live.console.print(visible(message))
        else:
            click.echo(visible(message), err=True)

    def step(self, step: Step) -> None:
        """One more moment of the collection."""
        self.calls += step.calls
        self.total += step.total
        self.total = step.total or self.total
        if step.table:
            self.tables += 1
            self.failed += step.status != "ok"
        if self._live:
            note = f"{self.calls:,} calls"
            if self.failed:
                note += f", {self.failed} tables not readable"
            self._live.update(
                self._task, completed=self.tables, total=self.total or None, note=note
            )
        elif time.monotonic() - self._told > 5:
            self._line()

    def _line(self) -> None:
        self._told = time.monotonic()
        failed = f", {self.failed} not readable" if self.failed else ""
        click.echo(
            f"{self.calls:,} calls, {self.tables} of {self.total} tables read{failed}", err=True
        )
