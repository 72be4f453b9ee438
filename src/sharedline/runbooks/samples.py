"""Sample findings of GuardDuty: writes them into a detector, and waits until they can be seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sharedline.errors import Error
from sharedline.runbooks.guardduty import kinds, retired
from sharedline.runbooks.library import Library
from sharedline.runbooks.people import People, Reached

#: CreateSampleFindings and GetFindings take so many at once.
BATCH = 50
#: Pages of findings that are read at most in one look.
_PAGES = 20
#: Seconds between two looks.
PAUSE = 5.0
_DUTY = "response.remediation"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample finding: whether and when it was seen, and whom it reaches."""

    type: str
    runbooks: tuple[str, ...]
    duty: str
    account: str = ""
    region: str = ""
    seconds: float | None = None
    reached: Reached | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        reached = self.reached or Reached("")
        return {
            "type": self.type,
            "runbooks": list(self.runbooks),
            "duty": self.duty,
            "account": self.account,
            "region": self.region,
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "owner": reached.owner,
            "person": reached.person,
            "contact": reached.contact,
        }


def refuse_wrong(types: Sequence[str]) -> None:
    """`Error` where a type is not one that GuardDuty makes today."""
    for name in types:
        if name in retired():
            raise Error(f"GuardDuty no longer makes {name}.", "Name a type that it makes.")
        if name not in kinds():
            raise Error(f"GuardDuty has no type {name!r}.", "Spell it as GuardDuty does.")


def create(client: Any, detector: str, types: Sequence[str]) -> None:
    """Writes sample findings of the types into a detector."""
    from botocore.exceptions import BotoCoreError, ClientError

    refuse_wrong(types)
    for batch in _cut(types):
        try:
            client.create_sample_findings(DetectorId=detector, FindingTypes=list(batch))
        except ClientError as error:
            given = error.response["Error"]
            raise Error(
                f"GuardDuty made no sample findings: {given['Code']}: {given['Message']}",
                "It needs guardduty:CreateSampleFindings, and the detector's own account and "
                "Region; no sample exists for some types.",
            ) from error
        except BotoCoreError as error:
            raise Error(f"AWS cannot be asked: {error}", "Give --profile and --region.") from error


def _cut(types: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(types), BATCH):
        yield types[start : start + BATCH]


def expected(library: Library, types: Sequence[str]) -> list[Sample]:
    """For each type which runbook answers it, and whose duty that is."""
    made = []
    for name in types:
        answering = library.answering("guardduty", name)
        duty = answering[0].duty if answering else _DUTY
        made.append(Sample(name, tuple(one.id for one in answering), duty))
    return made


@dataclass(frozen=True)
class Watch:
    """How to wait: until when, and by which clock."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def wait(
    client: Any, detector: str, samples: Sequence[Sample], people: People, watch: Watch
) -> list[Sample]:
    """Looks until every sample is there, or the time is over; each with its owner."""
    begun = watch.clock()
    since = watch.now() - timedelta(seconds=PAUSE)  # the clocks of both sides may differ a little
    waiting = {one.type: one for one in samples}
    seen: dict[str, Sample] = {}
    while True:
        for finding in _findings(client, detector, sorted(waiting), since):
            one = waiting.pop(finding["Type"], None)
            if one is None:
                continue
            account, region = str(finding["AccountId"]), str(finding["Region"])
            service = next(iter(kinds()[one.type].services), "guardduty")
            reached = people.reach(account, region, service, one.duty)
            spent = watch.clock() - begun
            seen[one.type] = replace(
                one, account=account, region=region, seconds=spent, reached=reached
            )
        if not waiting or watch.clock() - begun >= watch.seconds:
            return [seen.get(one.type, one) for one in samples]
        watch.sleep(PAUSE)


def _findings(
    client: Any, detector: str, types: Sequence[str], since: datetime
) -> Iterator[Mapping[str, Any]]:
    """The sample findings of the types that were made or made again since."""
    criterion = {
        "type": {"Equals": list(types)},
        "updatedAt": {"GreaterThanOrEqual": int(since.timestamp() * 1000)},
        "service.archived": {"Equals": ["false"]},
    }
    asked: dict[str, Any] = {
        "DetectorId": detector,
        "FindingCriteria": {"Criterion": criterion},
        "MaxResults": BATCH,
    }
    for _ in range(_PAGES):
        page = client.list_findings(**asked)
        if page["FindingIds"]:
            got = client.get_findings(DetectorId=detector, FindingIds=page["FindingIds"])
            yield from (f for f in got["Findings"] if f.get("Title", "").startswith("[SAMPLE]"))
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]
