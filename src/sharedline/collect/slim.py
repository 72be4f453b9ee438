"""Service models cut down to the operations that a scan calls.

All 58 models that the tables name take 117 MB in each process, what they call 28 MB (measured
2026-11-21); documentation alone is two fifths of them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

#: Services of which botocore itself calls operations (a bucket's Region, a role's credentials).
WHOLE = frozenset({"s3", "sts", "sso", "sso-oidc"})

Operations = dict[str, frozenset[str]]


def slim_loader(loader: Loader, operations: Operations) -> Loader:
    """A loader of the same files, leaving out the operations that are not named."""
    return Loader(
        extra_search_paths=list(loader.search_paths),
        file_loader=_Reader(operations),
        include_default_search_paths=False,
    )


class _Reader(JSONFileLoader):  # type: ignore[misc]
    """Reads the files of the loader."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def load_file(self, file_path: str) -> Any:
        """The data of a file; None where there is none."""
        path = Path(file_path)
        wanted = self._operations.get(path.parent.parent.name)
        if path.name != "service-2" or wanted is None:
            return super().load_file(file_path)
        for name, opened in ((f"{path}.json", open), (f"{path}.json.gz", gzip.open)):
            if Path(name).is_file():
                with opened(name, "rb") as stream:
                    return cut(json.loads(stream.read()), wanted)
        return None


def cut(model: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    """A service model with the wanted operations, the shapes that they use, no documentation."""
    operations = {
        name: operation
        for name, operation in model["operations"].items()
        if name in wanted or operation.get("endpointoperation")
    }
    shapes, used = model["shapes"], set()
    waiting = [
        ref["shape"]
        for operation in operations.values()
        for ref in (operation.get("input"), operation.get("output"), *operation.get("errors", ()))
        if ref
    ]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            shape = shapes[name]
            refs = [shape.get(part) for part in ("member", "key", "value")]
            refs += shape.get("members", {}).values()
            waiting += [ref["shape"] for ref in refs if ref]
    kept = {name: shape for name, shape in shapes.items() if name in used}
    return {**model, "operations": _bare(operations), "shapes": _bare(kept)}


def _bare(value: Any) -> Any:
    """Without the texts; a member that is called `documentation` stays."""
    if isinstance(value, dict):
        return {
            k: _bare(v)
            for k, v in value.items()
            if k != "documentation" or not isinstance(v, str)
        }
    return [_bare(v) for v in value] if isinstance(value, list) else value
