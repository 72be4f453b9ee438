"""Puts on record who accepted a report's terms in the console: nothing is sent to AWS."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sharedline.comply.artifact.download import LIMIT
from sharedline.comply.artifact.model import Register, Report, Terms
from sharedline.comply.artifact.register import PRIVATE, files, open_register, update
from sharedline.errors import Error
from sharedline.files import write_whole


def record(
    folder: Path,
    report: str,
    by: str,
    on: datetime,
    terms: Path | None = None,
    version: int | None = None,
) -> list[Report]:
    """Records a person's acceptance on one version of the report, the newest by default.

    A version that is accepted already keeps who accepted it; an older one may have other terms.

    Raises:
        Error: There is no such report, nobody is named, or the terms cannot be read.
    """
    if not by.strip():
        raise Error("Nobody is named who accepted the terms.", 'Write --by "Full Name".')
    known = [r.version for r in open_register(folder).reports if r.id == report]
    if not known or version not in (None, *known):
        which = report if version is None else f"{report}, version {version},"
        raise Error(f"There is no report {which!r} on record.", "See `artifact list`.")
    chosen = max(known) if version is None else version
    digest = kept = ""
    if terms is not None:
        if terms.stat().st_size > LIMIT:
            raise Error(f"{terms} is too large to be terms.", "Give the document of the terms.")
        data = terms.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        kept = f"terms-{digest[:32]}.pdf"
        write_whole(files(folder) / kept, data, PRIVATE)
    done: list[Report] = []

    def change(register: Register) -> Register:
        done.clear()
        for held in register.reports:
            if held.key == (report, chosen) and not held.accepted:
                old = held.terms or Terms()
                same = digest in ("", old.sha256)
                accepted = Terms(
                    old.sha256 if same else digest,
                    old.file if same else kept,
                    old.fetched if same else None,
                    by.strip(),
                    on,
                )
                done.append(replace(held, terms=accepted))
        return register.with_reports(done)

    update(folder, change)
    return done
