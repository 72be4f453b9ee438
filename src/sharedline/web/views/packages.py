"""Audit packages below a project: which there are, and which of their files may be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from sharedline.comply.package.build import archive_of
from sharedline.comply.package.manifest import DIGEST, NAME, SCHEMA


@dataclass(frozen=True, slots=True)
class Package:
    """A package: its folder, and its manifest."""

    folder: Path
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def files(self) -> list[tuple[str, int]]:
        """The files that the manifest names, with their size in bytes."""
        listed = self.data.get("files")
        rows = listed if isinstance(listed, list) else []
        return [
            (str(f["path"]), int(f.get("bytes") or 0))
            for f in rows
            if isinstance(f, dict) and "path" in f
        ]

    @property
    def archive(self) -> Path | None:
        """The zip beside it; None where it is gone, or a link."""
        path = archive_of(self.folder)
        return path if path.is_file() and not path.is_symlink() else None


def packages(project: Path) -> list[Package]:
    """The packages right below a project's folder, the newest window first. No link counts."""
    found = []
    for folder in project.iterdir():
        if folder.name.startswith(".") or folder.is_symlink() or not folder.is_dir():
            continue
        try:
            data = msgspec.json.decode((folder / NAME).read_bytes())
        except (OSError, ValueError):
            continue  # some other folder, or one that is being written
        if isinstance(data, dict) and data.get("schema") == SCHEMA:
            found.append(Package(folder, data))
    return sorted(found, key=lambda p: (str(p.data.get("as_of", "")), p.name), reverse=True)


def fetched(package: Package, name: str) -> Path | None:
    """A file of a package by its path in it; None for whatever its manifest does not name.

    What the manifest names must lie in the folder, too: the manifest is a file like any other.
    """
    if name == f"{package.name}.zip":
        return package.archive
    if name not in {NAME, DIGEST, *(path for path, _ in package.files)}:
        return None
    inside = package.folder.resolve()
    path = (package.folder / name).resolve()
    return path if path.is_relative_to(inside) and path.is_file() else None
