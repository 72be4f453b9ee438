"""The exercises of a project: `exercises/<id>/scenario.yaml`, written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sharedline.errors import ConfigError
from sharedline.exercise.model import NAME, Scenario
from sharedline.exercise.read import read_file, written
from sharedline.files import write_whole
from sharedline.project import Project

FILE = "scenario.yaml"


def folder(project: Project) -> Path:
    """Where the exercises of a project lie."""
    return project.folder / "exercises"


def path_of(project: Project, name: str) -> Path:
    """The file of an exercise; `ConfigError` where the id could be another path."""
    if not re.fullmatch(NAME.strip("^$"), name):
        raise ConfigError(
            f"{name!r} is no id of an exercise.", "Use small letters, digits and dashes."
        )
    return folder(project) / name / FILE


def save(project: Project, scenario: Scenario, *, replace: bool = False) -> Path:
    """Writes an exercise's scenario; an exercise that is there is replaced only when asked."""
    path = path_of(project, scenario.id)
    if path.exists() and not replace:
        raise ConfigError(
            f"The exercise {scenario.id} is there already.", "Choose another --id, or --replace."
        )
    write_whole(path, written(scenario).encode())
    return path


def load(project: Project, name: str) -> Scenario:
    """An exercise by id."""
    path = path_of(project, name)
    if not path.is_file():
        known = ", ".join(ids(project)) or "none yet"
        raise ConfigError(f"There is no exercise {name!r}.", f"There are: {known}.")
    return read_file(path)


def ids(project: Project) -> Iterator[str]:
    """The exercises of a project."""
    yield from sorted(p.parent.name for p in folder(project).glob(f"*/{FILE}"))
