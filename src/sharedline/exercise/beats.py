"""How a gap is told: the sender, the words and the decision for each duty, from `beats.yaml`."""

# ruff: noqa: RUF009 (`one` and `maybe` are dataclasses.field with what we say of each)
from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

from sharedline.errors import ConfigError
from sharedline.exercise.model import LONG, ArtefactKind, Channel, Option, maybe, one
from sharedline.exercise.read import Reading, shaped
from sharedline.yaml12 import load


@dataclass(frozen=True, slots=True)
class Beat:
    """One way to tell a gap; `{resource}`, `{account}`, `{plain}` and such stand for its facts."""

    kind: str = one("What it tells: unmet, unowned, unverified, path, incident, runbook.")
    duties: tuple[str, ...] = one("Globs of the duties that it tells.", least=1)
    sender: str = one("Who sends it.", key="from")
    to: str = one("Who receives it.")
    channel: Channel = one("How it arrives.")
    title: str = one("Its subject.")
    text: str = one("What it says.", most=LONG)
    decision: str = one("What is to be decided.", most=LONG)
    options: tuple[Option, ...] = one("The ways to decide.", least=2)
    expected: str = one("What a prepared team does.", most=LONG)
    artefact: str = maybe("What comes with it, as text.", most=LONG)
    artefact_name: str = maybe("What that is called.")
    artefact_kind: ArtefactKind = maybe("What it is.", "finding")
    types: tuple[str, ...] = maybe("Finding types that it would raise.", ())


@dataclass(frozen=True, slots=True)
class Beats:
    """All of them; the first that fits tells."""

    beats: tuple[Beat, ...] = one("The ways to tell gaps.", least=1)


@cache
def beats() -> tuple[Beat, ...]:
    """The shipped ways to tell."""
    text = resources.files("sharedline.exercise").joinpath("beats.yaml").read_text("utf-8")
    data, lines = load(text, "beats.yaml")
    found: Beats = shaped(Beats, data, (), Reading("beats.yaml", lines))
    return found.beats


def beat(kind: str, duty: str) -> Beat:
    """The first that tells such a gap of such a duty."""
    for one_ in beats():
        if one_.kind == kind and any(fnmatchcase(duty, glob) for glob in one_.duties):
            return one_
    raise ConfigError(f"beats.yaml tells no gap {kind} of {duty}.", 'Add one with duties ["*"].')
