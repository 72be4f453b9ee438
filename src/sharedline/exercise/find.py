"""A scenario by id: the project's exercises first, then the library."""

from __future__ import annotations

from sharedline.errors import ConfigError
from sharedline.exercise import library, store
from sharedline.exercise.model import Scenario
from sharedline.project import Project


def find(project: Project, name: str) -> Scenario:
    """An exercise of the project, or a scenario of the library."""
    if store.path_of(project, name).is_file():
        return store.load(project, name)
    if name in library.ids():
        return library.load(name)
    mine = ", ".join(store.ids(project)) or "none yet"
    raise ConfigError(
        f"There is no exercise or scenario {name!r}.",
        f"Exercises here: {mine}. Scenarios: {', '.join(library.ids())}.",
    )
