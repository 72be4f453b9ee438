"""Time-stamps over heads by a third party (RFC 3161): that a head existed by a moment.

What is stamped is the head's line, so `openssl ts -verify -data head.json -in head-000005.tsr
-CAfile roots.pem` checks one without us. The answer and the roots are kept in `timestamps/`, and an
item of the log names the SHA-256 of each, since parts of an answer are signed by nobody.
"""

from __future__ import annotations

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from sharedline.comply.evidence import files
from sharedline.comply.evidence.heads import Head
from sharedline.comply.evidence.item import EvidenceError
from sharedline.comply.evidence.store import Store
from sharedline.files import write_whole

Send = Callable[[bytes], bytes]
_NAME = re.compile(r"head-([0-9]{6,})\.tsr\Z")
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp on disk: of which head (counted from 1)."""

    number: int
    path: Path


def over_http(url: str) -> Send:
    """Asks a time-stamping authority at a URL."""
    if not url.startswith(("https://", "http://")):
        raise EvidenceError(f"{url!r} is no http address.", "Give the authority's https URL.")

    def send(request: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        asked = urllib.request.Request(url, data=request, headers=headers)  # noqa: S310 see above
        try:
            with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:  # noqa: S310
                return bytes(answer.read())
        except (urllib.error.URLError, TimeoutError) as error:
            raise EvidenceError(
                f"The authority {url} does not answer ({error}).", "Try again, or another."
            ) from error

    return send


def stamp(store: Store, send: Send, roots: bytes) -> Head:
    """Has the newest head stamped, keeps the answer, and writes both files into the log.

    Raises:
        EvidenceError: There is no head, or the answer does not verify under the roots.
    """
    known = store.heads()
    if not known:
        raise EvidenceError("The log is empty.", "Run `sharedline evidence record` first.")
    head, number = known[-1], len(known)
    request = (
        TimestampRequestBuilder()
        .data(head.line)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    answer = send(request.as_bytes())
    at = check(answer, head, _certificates(roots), request.nonce)
    folder = store.folder / files.STAMPS
    name = f"roots-{hashlib.sha256(roots).hexdigest()[:16]}.pem"
    wanted = [(f"head-{number:06}.tsr", answer, f"Time-stamp of {at:%Y-%m-%d %H:%M:%S} UTC")]
    if not (folder / name).exists():
        wanted.append((name, roots, "Roots that the time-stamps verify under"))
    items = []
    for file, data, said in wanted:
        write_whole(folder / file, data)
        items.append(_note(file, data, f"{said} over head {number} ({head.size} items).", at))
    store.append(items)
    return head


def _note(name: str, data: bytes, statement: str, at: datetime) -> dict[str, Any]:
    return {
        "kind": "note",
        "statement": statement,
        "observed": at,
        "artefact": {
            "name": name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "where": f"log:{files.STAMPS}/{name}",
        },
    }


def stamps(folder: Path) -> list[Stamp]:
    """The time-stamps of a log, by head."""
    where = folder / files.STAMPS
    if not where.is_dir():
        return []
    found = [(m, p) for p in where.iterdir() if (m := _NAME.match(p.name))]
    return sorted((Stamp(int(m[1]), p) for m, p in found), key=lambda s: s.number)


def roots_of(folder: Path) -> list[x509.Certificate]:
    """The roots kept beside the time-stamps.

    Raises:
        EvidenceError: A file of them holds no certificate.
    """
    found = []
    for path in sorted((folder / files.STAMPS).glob("roots-*.pem")):
        found += _certificates(path.read_bytes())
    return found


def _certificates(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise EvidenceError(
            f"The roots are no certificates in PEM ({error}).", "Give the authority's root."
        ) from error


def check(
    answer: bytes, head: Head, roots: Iterable[x509.Certificate], nonce: int | None = None
) -> datetime:
    """When the authority says that it saw the head.

    Raises:
        EvidenceError: It is of another head, or no root stands behind it.
    """
    builder = VerifierBuilder(nonce=nonce)
    for root in dict.fromkeys(roots):
        builder = builder.add_root_certificate(root)
    try:
        response: TimeStampResponse = decode_timestamp_response(answer)
        builder.build().verify_message(response, head.line)
        return response.tst_info.gen_time.astimezone(UTC)
    except (VerificationError, ValueError) as error:
        raise EvidenceError(
            f"the time-stamp does not verify ({error})", "Check the authority and its root."
        ) from error
