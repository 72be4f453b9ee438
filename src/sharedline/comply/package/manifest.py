"""The manifest of the package, which names every file and its SHA-256, and the zip of it all."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import msgspec

from sharedline.comply.package.common import OSCAL, Context
from sharedline.comply.package.naming import stamp

SCHEMA = "sharedline-package-1"
NAME, DIGEST = "manifest.json", "manifest.sha256"


def sha256(path: Path) -> str:
    """The digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files(folder: Path) -> list[str]:
    """Every file of a folder, as paths from it, in order."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def write(ctx: Context, folder: Path) -> str:
    """Writes the manifest and its digest; the digest."""
    inputs = ctx.inputs
    body = {
        "schema": SCHEMA,
        "oscal": OSCAL,
        "sharedline": inputs.version,
        "system": inputs.system,
        "framework": inputs.framework.id,
        "baseline": inputs.baseline,
        "window": {"from": str(inputs.window.start), "to": str(inputs.window.end)},
        "scan": inputs.scan.id,
        "as_of": stamp(inputs.moment),
        "files": [
            {"path": name, "bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)}
            for name in files(folder)
        ],
    }
    text = msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"
    (folder / NAME).write_bytes(text)
    digest = hashlib.sha256(text).hexdigest()
    (folder / DIGEST).write_text(f"{digest}  {NAME}\n", "ascii")
    return digest


def pack(ctx: Context, folder: Path, path: Path, name: str) -> str:
    """Zips the folder, the same bytes for the same files; its digest, also beside it."""
    at = ctx.inputs.moment
    moment = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(path, "w") as archive:
        for one in files(folder):
            entry = zipfile.ZipInfo(f"{name}/{one}", moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            with (folder / one).open("rb") as source, archive.open(entry, "w") as target:
                while piece := source.read(1 << 20):
                    target.write(piece)
    return sha256(path)
