"""Builds the example estate: an organisation of four accounts, with a story for each failure."""

from __future__ import annotations

from sharedline.demo.estate.place import Estate
from sharedline.demo.estate.whole import build, running_estate

__all__ = ["Estate", "build", "running_estate"]
