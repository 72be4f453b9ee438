"""Sharedline: draw AWS's shared responsibility line per resource, name the owner, and verify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Finding", "Scan", "scan"]

if TYPE_CHECKING:
    from sharedline.model import Finding
    from sharedline.scanning import Scan, scan


def __getattr__(name: str) -> Any:
    """Imports the public names when they are asked for, so that `--help` stays fast."""
    if name == "Finding":
        from sharedline.model import Finding

        return Finding
    if name in ("Scan", "scan"):
        import importlib

        return getattr(importlib.import_module("sharedline.scanning"), name)
    raise AttributeError(name)
