"""Signed heads: how many items, their root, when, by which key, and after which head.

A head is one canonical JSON line (RFC 8785) of `heads.jsonl`. `signature` is Ed25519 (RFC 8032)
over the same object without `signature`; `previous` is the SHA-256 of the line before, so heads are
a chain of their own. The key's id is the SHA-256 of the 32 bytes of the public key.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from sharedline.comply.evidence.item import EXACT, EvidenceError, Time, utc

#: What stands for the line before the first.
NONE = "0" * 64


_Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class _Unsigned(msgspec.Struct, kw_only=True):
    key: _Digest
    previous: _Digest
    root: _Digest
    schema: Literal["sharedline-evidence-head-1"]
    size: Annotated[int, msgspec.Meta(ge=1, le=EXACT)]
    time: Time


class _Signed(_Unsigned, kw_only=True, forbid_unknown_fields=True):
    signature: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{128}\Z")]


@dataclass(frozen=True, slots=True)
class Head:
    """A head as signed; `line` is its bytes, without the line's end."""

    size: int
    root: bytes
    time: datetime
    key: str
    previous: str
    signature: bytes
    line: bytes

    @property
    def digest(self) -> str:
        """What the next head names as `previous`."""
        return hashlib.sha256(self.line).hexdigest()


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(_Signed)


def sign(
    size: int, root: bytes, time: datetime, previous: Head | None, private: Ed25519PrivateKey
) -> Head:
    """A new head over a tree."""
    body = _Unsigned(
        key=key_id(private.public_key()),
        previous=previous.digest if previous else NONE,
        root=root.hex(),
        schema="sharedline-evidence-head-1",
        size=size,
        time=utc(time),
    )
    signature = private.sign(_ENCODER.encode(body))
    fields = msgspec.structs.asdict(body)
    return read(_ENCODER.encode(_Signed(**fields, signature=signature.hex())))


def read(line: bytes) -> Head:
    """The head that a line (without its end) is; whose signature it is, is not asked here.

    Raises:
        EvidenceError: It is no head, or not in its canonical form.
    """
    try:
        found = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"it is no head ({error})") from error
    if _ENCODER.encode(found) != line:
        raise EvidenceError("its bytes are not the canonical form (RFC 8785) of what it says")
    return Head(
        size=found.size,
        root=bytes.fromhex(found.root),
        time=found.time,
        key=found.key,
        previous=found.previous,
        signature=bytes.fromhex(found.signature),
        line=line,
    )


def is_signed(head: Head, public: Ed25519PublicKey) -> bool:
    """Whether the key signed the head, and the head says so."""
    return head.key == key_id(public) and was_signed(head, public)


def was_signed(head: Head, public: Ed25519PublicKey) -> bool:
    """Whether the key signed the head, whatever key the head names now."""
    found = _DECODER.decode(head.line)
    fields = {name: getattr(found, name) for name in _Unsigned.__struct_fields__}
    body = _Unsigned(**{**fields, "key": key_id(public)})
    try:
        public.verify(head.signature, _ENCODER.encode(body))
    except InvalidSignature:
        return False
    return True


# -- keys ------------------------------------------------------------------------------------


def key_id(public: Ed25519PublicKey) -> str:
    """The id of a key: the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def public_pem(public: Ed25519PublicKey) -> bytes:
    """The file of a public key: the one sequence of bytes for it."""
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def make_key(path: Path) -> Ed25519PrivateKey:
    """Makes a private key in a new file that only its owner reads."""
    private = Ed25519PrivateKey.generate()
    data = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(data)
    return private


def private_key(path: Path) -> Ed25519PrivateKey:
    """The private key of a file.

    Raises:
        EvidenceError: There is none, others may read it, or it is of another kind.
    """
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise EvidenceError(
            f"The log's private key {path} cannot be read ({error.strerror}).",
            "Name its file with --key. Where it is lost, keep this log and begin another folder.",
        ) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise EvidenceError(
            f"Others than its owner may read the private key {path}.", f"Run chmod 600 {path}."
        )
    try:
        found = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EvidenceError(
            f"{path} is no private key in PEM without a passphrase ({error}).", "Name another file."
        ) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise EvidenceError(f"{path} is no Ed25519 key.", "Name another file.")
    return found


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key of a file, which must be exactly as it is written here.

    Raises:
        EvidenceError: There is none, or a byte of the file is another.
    """
    try:
        data = path.read_bytes()
        found = load_pem_public_key(data)
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise EvidenceError(f"it cannot be read as a public key ({error})") from error
    if not isinstance(found, Ed25519PublicKey) or public_pem(found) != data:
        raise EvidenceError("it is no Ed25519 public key in its one PEM form")
    return found
