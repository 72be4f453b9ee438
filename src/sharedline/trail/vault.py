"""Where digest and log files lie for validation: the bucket itself, or a local copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sharedline.trail.digests import LogFile
from sharedline.trail.inflate import inflate
from sharedline.trail.sources import Aws, reason, split


def _content(data: bytes | memoryview) -> bytes | str:
    wrong: list[str] = []
    content = b"".join(inflate(memoryview(data), wrong.append))
    return content if not wrong else wrong[0]


class Folder:
    """A local copy of a log bucket, or a part of it, with the bucket's folders below `AWSLogs`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _below(self, part: str) -> Iterator[Path]:
        for found in sorted(self._path.rglob("*.json.gz")):
            if part in found.parts or (self._path.name == part):
                yield found

    def digests(self) -> Iterator[tuple[str, bytes | str, str]]:
        """Digests of the copy; their signatures did not come with them."""
        for path in self._below("CloudTrail-Digest"):
            yield str(path), _content(path.read_bytes()), ""

    def _local(self, key: str) -> Path:
        """Where an object of the bucket lies in the copy: by the longest end of its key."""
        parts = key.split("/")
        whole = [*self._path.resolve().parts]
        for start in range(len(parts)):
            path = self._path.joinpath(*parts[start:])
            # The folder given may itself lie inside the layout.
            inside = start == 0 or parts[start - 1] == whole[-1] or parts[start] == "AWSLogs"
            if inside and path.is_file():
                return path
        return self._path.joinpath(*parts)

    def log(self, file: LogFile) -> bytes | str | None:
        """A log file of the copy."""
        path = self._local(file.key)
        try:
            return _content(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            return str(error.strerror)

    def logs(self) -> Iterator[str]:
        """Log files of the copy, as keys from `AWSLogs` on."""
        for path in self._below("CloudTrail"):
            yield path.resolve().as_posix()


class Bucket:
    """A log bucket, or a prefix of it."""

    def __init__(self, url: str, aws: Aws) -> None:
        self._bucket, self._prefix = split(url)
        self._s3 = aws.client("s3")

    def _keys(self, part: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
            for found in page.get("Contents", ()):
                if f"/{part}/" in f"/{found['Key']}" and found["Key"].endswith(".json.gz"):
                    yield found["Key"]

    def _object(self, bucket: str, key: str) -> tuple[bytes | str | None, str]:
        import botocore.exceptions

        try:
            answer = self._s3.get_object(Bucket=bucket, Key=key)
            return _content(answer["Body"].read()), answer["Metadata"].get("signature", "")
        except botocore.exceptions.ClientError as error:
            if reason(error) in ("NoSuchKey", "404"):
                return None, ""
            return reason(error), ""
        except botocore.exceptions.BotoCoreError as error:
            return reason(error), ""

    def digests(self) -> Iterator[tuple[str, bytes | str, str]]:
        """Digests with the signatures of their objects' metadata."""
        for key in self._keys("CloudTrail-Digest"):
            content, signature = self._object(self._bucket, key)
            yield f"s3://{self._bucket}/{key}", content or "it is gone", signature

    def log(self, file: LogFile) -> bytes | str | None:
        """A log file where its digest says that it lies."""
        return self._object(file.bucket, file.key)[0]

    def logs(self) -> Iterator[str]:
        """The bucket's log files."""
        yield from self._keys("CloudTrail")
