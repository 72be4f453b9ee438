"""Reads findings batch by batch, each as a value beside the row that it was made from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sharedline.model import Check, Finding
from sharedline.results import Results

#: Frameworks by the key that checks use: organisation, name for people, version.
FRAMEWORKS: Mapping[str, tuple[str, str, str]] = {
    "aws-fsbp": ("Amazon Web Services", "AWS Foundational Security Best Practices", "1.0.0"),
    "cis-aws-7.0.0": (
        "Center for Internet Security", "CIS AWS Foundations Benchmark", "7.0.0",
    ),
    "nist-800-53-r5": ("NIST", "NIST SP 800-53", "Rev. 5"),
}
BATCH = 5_000
_ARN = re.compile(r"^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding, its check (None where the check is gone), and what only the stored row has."""

    finding: Finding
    check: Check | None
    waiver: str
    code: str
    reopened: int
    tags: Mapping[str, str]

    @property
    def title(self) -> str:
        """The check's title; its id where the check is gone."""
        return self.check.title if self.check else self.finding.check


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN; all but `resource` are empty for what is no ARN."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def entries(results: Results, where: str = "true") -> Iterator[Entry]:
    """The findings for which `where` holds, by check then resource, a batch in memory at a time."""
    sql = f"select * from finding where {where} order by check_id, resource"
    for batch in results.duck.stream(sql, BATCH):
        for row in batch.to_pylist():
            finding = results.finding(row)
            yield Entry(
                finding=finding,
                check=results.checks.get(finding.check),
                waiver=row["waiver"] or "",
                code=row["code"] or "",
                reopened=row["reopened"] or 0,
                tags=_tags(row["tags"]),
            )


def _tags(text: str | None) -> Mapping[str, str]:
    found = json.loads(text) if text else {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def arn(text: str) -> Arn:
    """The parts of an ARN."""
    found = _ARN.match(text)
    return Arn(*found.groups()) if found else Arn("", "", "", "", text)


def iso(moment: datetime | None) -> str:
    """UTC to the millisecond, as RFC 3339; empty for no time."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def compact(value: Any) -> str:
    """JSON on one line in plain ASCII, so that no terminal acts on what a name contains."""
    return json.dumps(value, separators=(",", ":"), default=str)


def array(values: Iterable[Any]) -> Iterator[str]:
    """A JSON array, one value a line."""
    first = True
    for value in values:
        yield ("[\n" if first else ",\n") + compact(value)
        first = False
    yield "[]\n" if first else "\n]\n"
