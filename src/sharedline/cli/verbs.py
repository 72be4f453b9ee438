"""Groups of commands that live in a file each and are imported only when they are run."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import click

#: Modules of a folder of verbs that are none themselves.
_HELPERS = frozenset(
    {"main", "out", "common", "progress", "summary", "verbs", "review_text"}
)


class Verbs(click.Group):
    """The commands of a package: each module's `command`, imported when it is run.

    `summaries` is what `--help` says of each, so that it need not import them.
    """

    def __init__(self, *args: Any, package: str, summaries: Mapping[str, str], **more: Any) -> None:
        """Take the package's dotted name and the summaries."""
        super().__init__(*args, **more)
        self._package, self.summaries = package, summaries

    def _modules(self) -> dict[str, str]:
        package = importlib.import_module(self._package)
        names = [i.name for i in pkgutil.iter_modules(package.__path__)]
        return {n.rstrip("_").replace("_", "-"): n for n in names if n not in _HELPERS}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every verb: the files of the folder."""
        return sorted(self._modules())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb's command."""
        module = self._modules().get(cmd_name)
        if module is None:
            return None
        command = importlib.import_module(f"{self._package}.{module}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with their summaries, read without importing any of them."""
        names = self.list_commands(ctx)
        if names:
            with formatter.section("Commands"):
                formatter.write_dl([(name, self.summaries.get(name, "")) for name in names])
