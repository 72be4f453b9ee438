"""All tables: every `Table` in `collect/tables/*.py`, and those of the user's own folder."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from sharedline.collect import tables as package
from sharedline.collect.table import Table
from sharedline.errors import ConfigError


def _declared(module: ModuleType) -> list[Table]:
    return [value for value in vars(module).values() if isinstance(value, Table)]


@cache
def shipped() -> dict[str, Table]:
    """The tables of the product by name, in the order of their names."""
    found: dict[str, Table] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found.update({table.name: table for table in _declared(module)})
    return dict(sorted(found.items()))


def catalogue(folder: Path | None = None) -> dict[str, Table]:
    """The shipped tables and those declared in `folder/*.py` (the user's `tables/`)."""
    found = dict(shipped())
    for path in sorted(folder.glob("*.py")) if folder and folder.is_dir() else ():
        spec = importlib.util.spec_from_file_location(f"sharedline_user_tables_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ConfigError(
                f"{path} is not a Python file.", "Give it a .py file of Table values."
            )
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise ConfigError(
                f"{path} does not load: {type(error).__name__}: {error}.", "Correct the file."
            ) from error
        for table in _declared(module):
            if table.name in found:
                raise ConfigError(f"{path}: the table {table.name} exists.", "Choose another name.")
            found[table.name] = table
    return found
