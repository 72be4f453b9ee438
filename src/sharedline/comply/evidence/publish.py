"""Publishes signed heads outside of this machine, and reads back what was published.

Who can rewrite the log, its heads and its key together leaves no trace in them. A head that lies
where that person cannot write, in another repository, in a bucket with Object Lock or with the
auditor, shows it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sharedline.comply.evidence import heads
from sharedline.comply.evidence.heads import Head
from sharedline.comply.evidence.item import EvidenceError
from sharedline.comply.evidence.verify import Published

TAGS = "sharedline-evidence"


def name_of(head: Head) -> str:
    """What a head is called outside: it sorts by size, and two of one size differ."""
    return f"{head.size:09}-{head.root.hex()[:12]}"


def to_path(head: Head, path: Path) -> Path:
    """Writes the head into a folder as a file of its own, or at the end of a file."""
    line = head.line + b"\n"
    if path.is_dir():
        target = path / f"head-{name_of(head)}.json"
        if target.exists() and target.read_bytes() != line:
            raise EvidenceError(f"{target} holds something else.", "Look at it; it stays.")
        target.write_bytes(line)
        return target
    if path.exists() and line in path.read_bytes().splitlines(keepends=True):
        return path
    if not path.parent.is_dir():
        raise EvidenceError(f"There is no folder {path.parent}.", "Make it, or give another path.")
    with path.open("ab") as stream:
        stream.write(line)
    return path


# -- git -------------------------------------------------------------------------------------


def to_git(head: Head, repository: Path, remote: str = "") -> str:
    """Makes an annotated tag whose message is the head, and pushes it to a remote if one is named.

    A tag that stays on this machine is worth no more than the log.
    """
    name = f"{TAGS}/{name_of(head)}"
    if _git(repository, "tag", "--list", name).strip() != name:
        _git(
            repository,
            "tag",
            "--annotate",
            "--cleanup=verbatim",
            "--file=-",
            name,
            given=head.line + b"\n",
        )
    if remote:
        _git(repository, "push", "--quiet", "--", remote, f"refs/tags/{name}")
    return name


def _git(repository: Path, *arguments: str, given: bytes = b"") -> str:
    program = shutil.which("git")
    if program is None:
        raise EvidenceError("There is no git on this machine.", "Install it, or publish to a file.")
    done = subprocess.run(  # noqa: S603 a program found by name, its arguments no shell reads
        [program, "-C", str(repository), *arguments], input=given, capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EvidenceError(
            f"git {arguments[0]} failed in {repository}: {said[-1] if said else done.returncode}.",
            "Is it a repository with a commit, and is user.name set?",
        )
    return done.stdout.decode("utf-8", "replace")


# -- S3 --------------------------------------------------------------------------------------


def write_to_s3(
    head: Head, url: str, days: int, now: datetime, client: Any, mode: str = "COMPLIANCE"
) -> str:
    """Writes the head as an object that nobody can change or delete for so many days.

    In mode COMPLIANCE not even the account's root user can; in mode GOVERNANCE whoever has
    s3:BypassGovernanceRetention. The bucket must have Object Lock.
    """
    import botocore.exceptions

    if not url.startswith("s3://") or not url.removeprefix("s3://").partition("/")[0]:
        raise EvidenceError(f"{url!r} is no place in S3.", "Write s3://bucket/prefix.")
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    key = f"{prefix.strip('/')}/head-{name_of(head)}.json".lstrip("/")
    try:
        client.put_object(
            Bucket=bucket,
            Key=key,
            Body=head.line + b"\n",
            ContentType="application/json",
            ChecksumAlgorithm="SHA256",
            ObjectLockMode=mode,
            ObjectLockRetainUntilDate=now + timedelta(days=days),
        )
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        raise EvidenceError(
            f"The head could not be written to s3://{bucket}/{key} ({error}).",
            "It needs s3:PutObject, s3:PutObjectRetention, and a bucket with Object Lock.",
        ) from error
    return f"s3://{bucket}/{key}"


# -- reading back ----------------------------------------------------------------------------


def published(path: Path) -> list[Published]:
    """The heads published at a path: in a file, in the files of a folder, in a repository's tags.

    Raises:
        EvidenceError: There is none, or one is damaged.
    """
    found: list[Published] = []
    if path.is_file():
        found = list(_heads(path.read_bytes(), str(path)))
    elif path.is_dir():
        for file in sorted(path.glob("head-*.json")):
            found += _heads(file.read_bytes(), str(file))
        if (path / ".git").exists() or (path / "HEAD").is_file():
            form = "--format=%(contents)"
            said = _git(path, "for-each-ref", form, f"refs/tags/{TAGS}/")
            kept = "\n".join(line for line in said.splitlines() if line.startswith("{"))
            found += _heads(kept.encode(), f"{path}, tags {TAGS}/")
    if not found:
        raise EvidenceError(
            f"No published head is in {path}.",
            "Give a file that `sharedline evidence publish` wrote, a folder of them, or a "
            "repository with its tags.",
        )
    return found


def _heads(data: bytes, where: str) -> Iterable[Published]:
    for line in data.splitlines():
        if not line:
            continue
        try:
            yield Published(heads.read(line), where)
        except EvidenceError as error:
            raise EvidenceError(
                f"{where} holds what is no published head: {error.message}.", "Give another path."
            ) from error
