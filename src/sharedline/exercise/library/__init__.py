"""The scenarios that come with Sharedline: one YAML file each, its name the id."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from sharedline.errors import ConfigError
from sharedline.exercise.model import Scenario
from sharedline.exercise.read import read_file


def files() -> list[Path]:
    """The files of the library."""
    return sorted(Path(str(resources.files(__name__))).glob("*.yaml"))


def ids() -> list[str]:
    """The ids of its scenarios."""
    return [p.stem for p in files()]


def load(name: str) -> Scenario:
    """A scenario of the library."""
    for path in files():
        if path.stem == name:
            return read_file(path)
    raise ConfigError(f"The library has no scenario {name!r}.", f"It has: {', '.join(ids())}.")
