"""Where log files lie: folders and S3, listed as a stream, each read whole or mapped."""

from __future__ import annotations

import mmap
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sharedline.errors import Error

#: Files of a folder that may be logs by their name.
_NAMES = (".json", ".jsonl", ".ndjson", ".gz", ".log")
#: The kind of log, as the layout of a log bucket names it.
_LAYOUT = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?(?:\d{12}|aws-account-id=\d{12})/([^/]+)/")
_DAY = re.compile(r"/(\d{4})/(\d\d)/(\d\d)/[^/]*$")
#: Names of a folder are sorted in blocks of so many, so that a million of them are never held.
_BLOCK = 10_000
#: A larger object is written to disk before it is read, so that memory stays flat.
_IN_MEMORY = 64 << 20
_THREADS = 16


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its path or `s3://` URL, and what tells that it has changed."""

    path: str
    size: int
    tag: str

    @property
    def key(self) -> int:
        """A number for path, size and tag: files already read are remembered by it."""
        text = f"{self.path}\0{self.size}\0{self.tag}".encode("utf-8", "surrogateescape")
        return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Aws:
    """How AWS is reached; picklable, so that each process makes its own clients."""

    profile: str = ""
    endpoint_url: str = ""

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of the service."""
        import boto3
        from botocore.config import Config

        session = boto3.Session(profile_name=self.profile or None)
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": 8},
            connect_timeout=10,
            read_timeout=60,
            max_pool_connections=_THREADS,
            user_agent_extra="sharedline",
            s3={"addressing_style": "path"} if self.endpoint_url else {},
        )
        region = region or session.region_name or "us-east-1"
        return session.client(
            service, region_name=region, endpoint_url=self.endpoint_url or None, config=config
        )


@dataclass
class Skipped:
    """What was passed over while listing, by reason."""

    digests: int = 0
    other_logs: int = 0
    by_name: int = 0
    known: int = 0
    by_day: int = 0


@dataclass(frozen=True)
class Days:
    """The days that are wanted, where the path says the day; all by default."""

    first: str = ""
    last: str = ""

    def hold(self, path: str) -> bool:
        """Whether the path's day, if it tells one, is wanted."""
        told = _DAY.search(path) if self.first or self.last else None
        if told is None:
            return True
        day = "-".join(told.groups())
        return day >= self.first and (not self.last or day <= self.last)


def listed(
    places: Iterable[str], aws: Aws, skipped: Skipped, days: Days | None = None
) -> Iterator[Source]:
    """The log files below the places, one by one."""
    days = days or Days()
    for place in places:
        found = _bucket(place, aws) if place.startswith("s3://") else _local(place, skipped)
        for source in found:
            kind = _LAYOUT.search(source.path.replace(os.sep, "/"))
            if kind and kind[1] == "CloudTrail-Digest":
                skipped.digests += 1
            elif kind and not kind[1].startswith("CloudTrail"):
                skipped.other_logs += 1
            elif not days.hold(source.path):
                skipped.by_day += 1
            else:
                yield source


def _local(place: str, skipped: Skipped) -> Iterator[Source]:
    path = Path(place)
    if path.is_dir():
        yield from _folder(str(path.resolve()), skipped)
    elif path.is_file():
        stat = path.stat()
        yield Source(str(path.resolve()), stat.st_size, str(stat.st_mtime_ns))
    else:
        raise Error(f"There is no file or folder {place}.", "Give a path, or an s3:// URL.")


def _folder(folder: str, skipped: Skipped) -> Iterator[Source]:
    try:
        entries = os.scandir(folder)
    except OSError as error:
        raise Error(
            f"The folder {folder} cannot be read ({error.strerror}).", "Check its permissions."
        ) from error
    with entries:
        while True:
            block = [entry for _, entry in zip(range(_BLOCK), entries, strict=False)]
            for entry in sorted(block, key=lambda e: e.name):
                if entry.is_dir(follow_symlinks=False):
                    yield from _folder(entry.path, skipped)
                elif not entry.is_file():
                    continue
                elif entry.name.startswith(".") or not _may_be_log(entry.name):
                    skipped.by_name += 1
                else:
                    stat = entry.stat()
                    yield Source(entry.path, stat.st_size, str(stat.st_mtime_ns))
            if len(block) < _BLOCK:
                return


def _may_be_log(name: str) -> bool:
    # Deliveries of streams have names of a date and an id, without an ending; LICENSE is no log.
    plain = "." not in name and any(c.isdigit() for c in name)
    return plain or name.lower().endswith(_NAMES)


def split(url: str) -> tuple[str, str]:
    """Bucket and key of an `s3://` URL."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not bucket:
        raise Error(f"{url} names no bucket.", "Write s3://bucket/prefix.")
    return bucket, key


def _bucket(url: str, aws: Aws) -> Iterator[Source]:
    import botocore.exceptions

    bucket, prefix = split(url)
    pages = aws.client("s3").get_paginator("list_objects_v2")
    folder = prefix if prefix.endswith("/") or not prefix else prefix + "/"
    try:
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for found in page.get("Contents", ()):
                key = found["Key"]
                if (key == prefix or key.startswith(folder)) and not key.endswith("/"):
                    yield Source(f"s3://{bucket}/{key}", found["Size"], found["ETag"].strip('"'))
    except (
        botocore.exceptions.ClientError,
        botocore.exceptions.BotoCoreError,
    ) as error:
        raise Error(
            f"{url} cannot be listed ({reason(error)}).",
            "It needs s3:ListBucket on the bucket; check its name and your credentials.",
        ) from error


def reason(error: Exception) -> str:
    """What AWS or the network said, in a few words."""
    told = getattr(error, "response", {}).get("Error", {})
    return str(told.get("Code") or f"{type(error).__name__}: {str(error)[:120]}")


Content = memoryview | str  # the bytes, or why there are none


class Fetcher:
    """Reads sources; those of S3 a few at a time ahead."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._s3: Any = None

    def read(self, sources: list[Source], use: Callable[[Source, Content], None]) -> None:
        """Hands each source's content to `use`, in order."""
        if any(s.path.startswith("s3://") for s in sources):
            self._s3 = self._s3 or self._aws.client("s3")
            with ThreadPoolExecutor(_THREADS) as pool:
                for source, content in zip(sources, pool.map(self._object, sources), strict=True):
                    use(source, content)
            return
        for source in sources:
            use(source, _file(source.path))

    def _object(self, source: Source) -> Content:
        import botocore.exceptions

        if not source.path.startswith("s3://"):
            return _file(source.path)
        bucket, key = split(source.path)
        try:
            body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
            if source.size <= _IN_MEMORY:
                return memoryview(body.read())
            with tempfile.TemporaryFile() as kept:
                for chunk in body.iter_chunks(1 << 20):
                    kept.write(chunk)
                kept.flush()
                return memoryview(mmap.mmap(kept.fileno(), 0, access=mmap.ACCESS_READ))
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            return f"it could not be read ({reason(error)})"


def _file(path: str) -> Content:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 a path may not be valid text
            size = os.fstat(stream.fileno()).st_size
            if size <= _IN_MEMORY // 8:
                return memoryview(stream.read())
            return memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        return f"it could not be read ({error.strerror})"
