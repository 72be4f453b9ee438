"""Builds all areas of the example estate in order, and keeps it running where that is wanted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sharedline.demo.emulator import Emulator, start
from sharedline.demo.estate import (
    buckets,
    computers,
    containers,
    databases,
    edge,
    firewalls,
    functions,
    identity,
    keys,
    monitoring,
    network,
    organization,
    storage,
)
from sharedline.demo.estate.answers import refresh
from sharedline.demo.estate.place import Estate

SEED = 20261121
#: In this order: what is made names what was made before it.
AREAS = (
    organization,
    identity,
    network,
    firewalls,
    keys,
    computers,
    buckets,
    databases,
    containers,
    functions,
    edge,
    monitoring,
    storage,
)


def build(url: str) -> Estate:
    """Make the estate as it was before the first of the past scans."""
    estate = Estate(url)
    for area in AREAS:
        area.build(estate)
    return estate


@contextmanager
def running_estate() -> Iterator[tuple[Emulator, Estate]]:
    """The estate with its fixtures on an emulator of its own, as long as the `with` block lasts."""
    now = datetime.now(UTC)
    with start(clock=now, seed=SEED) as emulator, tempfile.TemporaryDirectory() as folder:
        estate = build(emulator.url)
        refresh(emulator, estate, Path(folder), now, now)
        yield emulator, estate
