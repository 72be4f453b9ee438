"""The reference page of the commands, from the help that they print."""

from __future__ import annotations

import click

from sharedline.cli.main import command as program
from sharedline.docs.markdown import page

_WIDTH = 80


def _help(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, terminal_width=_WIDTH)
    return command.get_help(context).strip()


def page_of(command: click.Command, path: str, level: int) -> list[str]:
    """A command's help, then that of the commands below it."""
    parts = [f"{'#' * level} {path}\n\n```text\n{_help(command, path)}\n```"]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            if below := command.get_command(context, name):
                parts += page_of(below, f"{path} {name}", level + 1)
    return parts


def page_parts() -> list[str]:
    """The help of every verb."""
    context = click.Context(program)
    parts = []
    for name in program.list_commands(context):
        if verb := program.get_command(context, name):
            parts += page_of(verb, f"sharedline {name}", 2)
    return parts


def text() -> str:
    """The page of all commands."""
    intro = "Exit codes: 0 nothing unmet, 1 gaps found, 2 usage or configuration, 3 incomplete."
    return page("Commands", intro, page_parts())
