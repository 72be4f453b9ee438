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


@cache
def inputs(name: str) -> frozenset[str]:
    """The collected tables that a derived one is made from, through others if need be."""
    known = derivations()
    if name not in known:
        return frozenset({name})
    return frozenset(table for other in known[name].reads for table in inputs(other))


@cache
def required(name: str) -> frozenset[str]:
    """Those inputs without which the derived table does not tell the whole."""
    known = derivations()
    if name not in known:
        return frozenset({name})
    read = set(known[name].reads) - known[name].optional
    return frozenset(table for other in read for table in required(other))


@cache
def columns_of(name: str, table: str) -> frozenset[str]:
    """The columns of a collected table that a derived one reads, directly or through others."""
    known = derivations()
    found: set[str] = set()
    for other, columns in known[name].reads.items():
        if other == table:
            found |= set(columns)
        elif other in known:
            found |= columns_of(other, table)
    return frozenset(found)
