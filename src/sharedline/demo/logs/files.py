"""Writes the events as an organisation's trail lies in its bucket: small files, by account and day."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from sharedline.demo import trail
from sharedline.demo.estate.place import FRANKFURT, Estate
from sharedline.demo.estate.theft import made_up
from sharedline.demo.logs import looks, machines, noise, people, theft, visitors
from sharedline.demo.logs.record import Log

FOLDER = "trail"
#: CloudTrail delivers every five minutes or so; more hours in one file keep the folder small.
_HOURS = 4


def write(folder: Path, estate: Estate, today: datetime) -> int:
    """Write the trail of the last month; how many events it has."""
    log = tell(estate, today)
    files: dict[tuple[datetime, str, str], list[dict[str, Any]]] = defaultdict(list)
    for at, account, region, event in sorted(log.events, key=lambda one: (one[0], one[1], one[2])):
        hour = at.replace(hour=at.hour // _HOURS * _HOURS, minute=0, second=0, microsecond=0)
        files[hour, account, region].append(event)
    root = folder / "AWSLogs" / estate.ids["organization"]
    encode = msgspec.json.Encoder().encode
    for (hour, account, region), events in files.items():
        day = root / account / "CloudTrail" / region / f"{hour:%Y/%m/%d}"
        delivered = min(hour + timedelta(hours=_HOURS), today)
        mark = made_up("", f"{account} {region} {hour:%Y%m%d%H}")
        name = f"{account}_CloudTrail_{region}_{delivered:%Y%m%dT%H%MZ}_{mark}.json.gz"
        day.mkdir(parents=True, exist_ok=True)
        # No time in the header, so that the same history is the same file.
        (day / name).write_bytes(gzip.compress(encode({"Records": events}), 5, mtime=0))
    return len(log.events)


def tell(estate: Estate, today: datetime) -> Log:
    """Everything that happened."""
    log = Log(estate, today)
    for part in (machines, visitors, people, noise, looks, theft):
        part.tell(log)
    for at, account, region, event in _sample(estate, today):
        if log.within(at):
            log.events.append((at, account, region, event))
    return log


def _sample(estate: Estate, today: datetime) -> Iterator[tuple[datetime, str, str, dict[str, Any]]]:
    """The events of the longer sample: the same ids, so that both may be ingested."""
    here = estate.at("production", FRANKFURT)
    for at, event in trail.events(here, today):
        yield at, here.id, event["awsRegion"], event
