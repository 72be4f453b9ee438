"""Derivation: the tables that SQL cannot make, one module per subject."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from sharedline.derive.base import Derivation


@cache
def derivations() -> dict[str, Derivation]:
    """Every `Derivation` declared in `derive/*.py`, by name."""
    found: dict[str, Derivation] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        found.update({v.name: v for v in vars(module).values() if isinstance(v, Derivation)})
    return dict(sorted(found.items()))
