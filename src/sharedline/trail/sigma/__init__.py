"""Sigma rules over the trail: `load` rules, `run` them on an engine, `keep` what they detect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sharedline.trail.sigma.lake import keep, kept
from sharedline.trail.sigma.model import LEVELS, Detection, Problem, Rule, Rules

if TYPE_CHECKING:
    from sharedline.inventory.engines import Engine

__all__ = ["LEVELS", "Detection", "Problem", "Rule", "Rules", "keep", "kept", "load", "run"]


def load(paths: Iterable[Path | str] | None = None) -> Rules:
    """The rules below the paths, or those that ship with the product."""
    from sharedline.trail.sigma.files import load as loaded  # pySigma takes 0.3 s to import

    return loaded(paths)


def run(
    engine: Engine, rules: Rules, since: datetime | None = None, until: datetime | None = None
) -> list[Detection]:
    """The detections in the table `cloudtrail` of an engine, in order of time."""
    from sharedline.trail.sigma.engine import run as ran

    return ran(engine, rules, since, until)
