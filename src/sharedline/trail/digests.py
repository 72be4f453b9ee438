"""Digest files as values, the string that AWS signs, and the public keys it is checked with.

Ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
and .../cloudtrail-log-file-validation-digest-file-structure.html (read 2026-11-21).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sharedline.errors import Error
from sharedline.trail.decode import loads


@dataclass(frozen=True)
class LogFile:
    """A log file as a digest names it."""

    bucket: str
    key: str
    sha256: str


@dataclass(frozen=True)
class Digest:
    """A digest file: what it says, the hash of its content, and where it was found."""

    place: str
    account: str
    region: str
    trail: str
    start: str
    end: str
    bucket: str
    key: str
    fingerprint: str
    sha256: str
    previous_bucket: str
    previous_key: str
    previous_sha256: str
    previous_signature: str
    files: tuple[LogFile, ...]
    #: From the object's metadata; empty for a local copy.
    signature: str = ""

    @property
    def first(self) -> bool:
        """Whether validation was (re)started with it, so that nothing precedes it."""
        return not self.previous_key

    @property
    def chain(self) -> tuple[str, str, str, bool]:
        """What the digests of one chain share."""
        return (self.account, self.region, self.trail, self.key.endswith("_backfill.json.gz"))

    def signed(self) -> bytes:
        """The string whose signature AWS keeps."""
        previous = self.previous_signature or "null"
        return f"{self.end}\n{self.bucket}/{self.key}\n{self.sha256}\n{previous}".encode()


def parse(content: bytes, place: str, signature: str = "") -> Digest | None:
    """A digest file; None where the content is none."""
    try:
        data = loads(content)
    except (ValueError, UnicodeDecodeError):
        return None
    if not isinstance(data, dict) or "digestEndTime" not in data:
        return None

    def text(name: str) -> str:
        return str(data.get(name) or "")

    key = text("digestS3Object")
    parts = key.split("/")
    region = (
        parts[parts.index("CloudTrail-Digest") + 1] if "CloudTrail-Digest" in parts[:-1] else ""
    )
    name = parts[-1].split("_CloudTrail-Digest_", 1)[-1]
    trail = name.removeprefix(f"{region}_").removesuffix("_backfill.json.gz")
    trail = trail.removesuffix(".json.gz").rpartition("_")[0].rpartition("_")[0]
    listed = data.get("logFiles")
    return Digest(
        place=place,
        account=text("awsAccountId"),
        region=region,
        trail=trail,
        start=text("digestStartTime"),
        end=text("digestEndTime"),
        bucket=text("digestS3Bucket"),
        key=key,
        fingerprint=text("digestPublicKeyFingerprint"),
        sha256=hashlib.sha256(content).hexdigest(),
        previous_bucket=text("previousDigestS3Bucket"),
        previous_key=text("previousDigestS3Object"),
        previous_sha256=text("previousDigestHashValue"),
        previous_signature=text("previousDigestSignature"),
        files=tuple(
            LogFile(str(f.get("s3Bucket")), str(f.get("s3Object")), str(f.get("hashValue")))
            for f in (listed if isinstance(listed, list) else ())
            if isinstance(f, dict)
        ),
        signature=signature,
    )


class Keys:
    """AWS's public keys by fingerprint."""

    def __init__(self, listed: Iterable[Mapping[str, Any]] = ()) -> None:
        self._der: dict[str, bytes] = {}
        self._made: dict[str, Any] = {}
        self.add(listed)

    def add(self, listed: Iterable[Mapping[str, Any]]) -> None:
        """Takes keys as ListPublicKeys gives them (the value as bytes, or in base64)."""
        for key in listed:
            value = key.get("Value") or b""
            try:
                der = base64.b64decode(value, validate=True) if isinstance(value, str) else value
            except binascii.Error as error:
                raise Error(
                    f"The public key {key.get('Fingerprint')} is not base64.",
                    "Use what `aws cloudtrail list-public-keys` prints.",
                ) from error
            self._der[str(key.get("Fingerprint", ""))] = bytes(der)

    def __contains__(self, fingerprint: str) -> bool:
        return fingerprint in self._der

    def verifies(self, fingerprint: str, signature: str, signed: bytes) -> bool:
        """Whether the signature (hexadecimal) is that key's over the string."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        if fingerprint not in self._made:
            try:
                key = serialization.load_der_public_key(self._der[fingerprint])
            except ValueError:
                return False
            if not isinstance(key, rsa.RSAPublicKey):
                return False
            self._made[fingerprint] = key
        try:
            raw = bytes.fromhex(signature)
            self._made[fingerprint].verify(raw, signed, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


def keys_of_file(path: Path) -> Keys:
    """The keys in a file as `aws cloudtrail list-public-keys` prints it."""
    try:
        data = loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Error(
            f"The public keys in {path} cannot be read ({error}).",
            "Use what `aws cloudtrail list-public-keys` prints.",
        ) from error
    listed = (
        data.get("PublicKeyList", data.get("publicKeyList")) if isinstance(data, dict) else data
    )
    if not isinstance(listed, list) or not all(isinstance(k, dict) for k in listed):
        raise Error(
            f"{path} holds no PublicKeyList.", "Use what `aws cloudtrail list-public-keys` prints."
        )
    return Keys(listed)
