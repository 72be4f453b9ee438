#!/usr/bin/env python3
"""Verifies an audit package on any machine with Python 3.8 or newer and nothing else.

    python3 verify.py [FOLDER or ZIP] [--manifest-sha256 HEX] [--key-id HEX]

It computes the SHA-256 of every file again, follows every inclusion proof of the evidence log to
its signed head, and checks the head's Ed25519 signature. Whoever can change the package can change
this script and the manifest with it: take the script from the project's own release, and the two
values from whoever made the package, by another way than the package came.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Point = tuple[int, int, int, int]

_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
# Ed25519: the prime, the order, the constant of the curve, a root of -1, the base point's y.
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


class Wrong(Exception):  # noqa: N818 what it says is for people
    """What is wrong, and with which file."""


class Package:
    """The files of a package, in a folder or in a zip."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path) if path.is_file() else None
        self.folder = path
        self.prefix = ""
        if self.zip:
            tops = sorted({n.split("/")[0] for n in self.zip.namelist()})
            if len(tops) != 1:
                raise Wrong(f"{path}: not one folder is in it but {len(tops)}")
            self.prefix = tops[0] + "/"

    def names(self) -> list[str]:
        """Every file."""
        if self.zip:
            found = [n[len(self.prefix) :] for n in self.zip.namelist() if not n.endswith("/")]
            if len(found) != len(set(found)):
                raise Wrong(f"{self.folder}: it holds two files of one name")
            return sorted(found)
        every = [p for p in self.folder.rglob("*") if p.is_file() or p.is_symlink()]
        return sorted(p.relative_to(self.folder).as_posix() for p in every)

    def open(self, name: str) -> IO[bytes]:
        """One file."""
        try:
            return (
                self.zip.open(self.prefix + name) if self.zip else (self.folder / name).open("rb")
            )
        except (KeyError, OSError):
            raise Wrong(f"{name}: it is missing") from None

    def read(self, name: str) -> bytes:
        """One file whole."""
        try:
            with self.open(name) as stream:
                return stream.read()
        except _UNREADABLE as error:
            raise Wrong(f"{name}: it cannot be read ({error})") from None


def digest(package: Package, name: str) -> tuple[str, int]:
    """The SHA-256 and the size of one file."""
    found, size = hashlib.sha256(), 0
    try:
        with package.open(name) as stream:
            for piece in iter(lambda: stream.read(1 << 20), b""):
                found.update(piece)
                size += len(piece)
    except _UNREADABLE as error:
        raise Wrong(f"{name}: it cannot be read ({error})") from None
    return found.hexdigest(), size


def check_manifest(package: Package, expected: str) -> tuple[dict[str, Any], str]:
    """The manifest is what its digest says, and every file what the manifest says."""
    text = package.read("manifest.json")
    own = hashlib.sha256(text).hexdigest()
    if package.read("manifest.sha256") != f"{own}  manifest.json\n".encode():
        raise Wrong("manifest.json: it is not what manifest.sha256 says, or that was changed")
    if expected and expected.lower() != own:
        raise Wrong(f"manifest.json: its SHA-256 is {own}, not {expected}")
    try:
        manifest = json.loads(text)
        listed = {f["path"]: (f["sha256"], f["bytes"]) for f in manifest["files"]}
    except (ValueError, KeyError, TypeError) as error:
        raise Wrong(f"manifest.json: it is no manifest ({error})") from None
    for name, expected_of in listed.items():
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise Wrong(f"manifest.json: it names {name}, outside of the package")
        if digest(package, name) != expected_of:
            raise Wrong(f"{name}: it is not what the manifest says")
    for name in package.names():
        if name not in listed and name not in ("manifest.json", "manifest.sha256"):
            raise Wrong(f"{name}: the manifest does not name it")
    return manifest, own


def leads_to(index: int, size: int, leaf: bytes, path: list[bytes], root: bytes) -> bool:
    """Whether a path leads from a leaf to the root of a tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = hashlib.sha256(b"\1" + step + found).digest()
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = hashlib.sha256(b"\1" + found + step).digest()
        at, last = at // 2, last // 2
    return last == 0 and found == root


def check_items(package: Package, head: dict[str, Any]) -> int:
    """Every item of evidence is in the log that the head signs; how many there are."""
    size, root = head["size"], bytes.fromhex(head["root"])
    items = package.read("evidence/items.ndjson").splitlines()
    proofs = package.read("evidence/proofs.ndjson").splitlines()
    if len(items) != len(proofs):
        raise Wrong(f"evidence/proofs.ndjson: {len(proofs)} proofs for {len(items)} items")
    before = -1
    for number, (item, line) in enumerate(zip(items, proofs), 1):  # noqa: B905 as long as Python 3.8
        try:
            proof = json.loads(line)
            index, leaf = proof["index"], bytes.fromhex(proof["leaf"])
            path = [bytes.fromhex(step) for step in proof["path"]]
        except (ValueError, KeyError, TypeError):
            raise Wrong(f"evidence/proofs.ndjson, line {number}: it is no proof") from None
        if hashlib.sha256(b"\0" + item).digest() != leaf:
            raise Wrong(f"evidence/items.ndjson, line {number}: it is not what its proof says")
        if not isinstance(index, int) or index <= before:
            raise Wrong(f"evidence/proofs.ndjson, line {number}: it is not in the log's order")
        before = index
        if not leads_to(index, size, leaf, path, root):
            raise Wrong(f"evidence/proofs.ndjson, line {number}: it does not lead to the head")
    return len(items)


def check_head(package: Package, key_id: str) -> tuple[dict[str, Any], str]:
    """The head is signed by the key of the package, and that is the key that was asked for."""
    line = package.read("evidence/head.json").rstrip(b"\n")
    try:
        head = json.loads(line)
        signature = bytes.fromhex(head.pop("signature"))
        pem = package.read("evidence/key.pem").decode("ascii").split("-----")[2]
        public = base64.b64decode("".join(pem.split()), validate=True)[-32:]
        int(head["size"]), bytes.fromhex(head["root"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Wrong(f"evidence/head.json: head or key cannot be read ({error})") from None
    own = hashlib.sha256(public).hexdigest()
    if head.get("key") != own:
        raise Wrong("evidence/key.pem: it is not the key that the head names")
    if key_id and key_id.lower() != own:
        raise Wrong(f"evidence/key.pem: its id is {own}, not {key_id}")
    signed = json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if not is_signed(public, signature, signed):
        raise Wrong("evidence/head.json: its signature is not that of the key")
    return head, own


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature holds (RFC 8032, 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or point is None or scalar >= _L:
        return False
    hashed = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(hashed, "little") % _L
    base = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))
    assert base is not None
    left, right = _times(scalar, base), _add(point, _times(challenge, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % _P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def _point(data: bytes) -> Point | None:
    """A point of the curve from its 32 bytes; None where there is none."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x % 2 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


def _add(one: Point, two: Point) -> Point:
    """The sum of two points in extended coordinates."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * one[3] * two[3] * _D % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(number: int, point: Point) -> Point:
    """A multiple of a point."""
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point, number = _add(point, point), number >> 1
    return found


def check_archive(path: Path) -> bool:
    """A zip is what the file beside it says, if there is one; whether there was."""
    beside = path.with_name(path.name + ".sha256")
    if not path.is_file() or not beside.is_file():
        return False
    with path.open("rb") as stream:
        found = hashlib.sha256()
        for piece in iter(lambda: stream.read(1 << 20), b""):
            found.update(piece)
    if beside.read_text("ascii", "replace").split()[:1] != [found.hexdigest()]:
        raise Wrong(f"{path.name}: it is not what {beside.name} says, or that was changed")
    return True


def verify(
    path: Path,
    manifest_sha256: str = "",
    key_id: str = "",
    say: Callable[[str], object] = print,
) -> None:
    """Verifies a package; says what was checked, or raises `Wrong` at the first thing wrong."""
    if check_archive(path):
        say(f"{path.name}: as the file beside it says.")
    try:
        package = Package(path)
        manifest, own = check_manifest(package, manifest_sha256)
    except zipfile.BadZipFile as error:
        raise Wrong(f"{path.name}: it is no zip ({error})") from None
    say(f"{len(manifest['files'])} files are as the manifest says; its SHA-256 is {own}.")
    if any(f["path"] == "evidence/head.json" for f in manifest["files"]):
        head, key = check_head(package, key_id)
        say(f"The head over {head['size']} items of {head['time']} is signed by key {key}.")
        say(f"{check_items(package, head)} items of evidence are in that log.")
    else:
        say("The package has no evidence log: nothing but the files could be verified.")
    if not manifest_sha256:
        say("Not checked: that the manifest is the one that was issued (--manifest-sha256).")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it: exit code 0 where everything is as it was, 1 where something is not."""
    parser = argparse.ArgumentParser(description="Verifies an audit package.")
    parser.add_argument("path", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--manifest-sha256", default="", metavar="HEX")
    parser.add_argument("--key-id", default="", metavar="HEX")
    given = parser.parse_args(arguments)
    try:
        verify(given.path, given.manifest_sha256, given.key_id)
    except (Wrong, OSError) as wrong:
        print(f"WRONG: {wrong}", file=sys.stderr)
        return 1
    print("Verified.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
