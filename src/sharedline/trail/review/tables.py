"""The tables `trail_look` and `trail_day`, which `log_review` is made from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sharedline.derive.log_review import DAYS
from sharedline.derive.trail_look import TRAIL_DAY, TRAIL_LOOK
from sharedline.inventory.engines import Engine
from sharedline.inventory.lake import Lake
from sharedline.trail import store
from sharedline.trail.review import events

#: The tables that are made here, by name.
TABLES = {d.name: d for d in (TRAIL_LOOK, TRAIL_DAY)}


def make(name: str, engine: Engine, lake: Lake, until: datetime) -> list[dict[str, Any]]:
    """The rows of one of the tables, of the days before a scan; none where there is no trail."""
    if not store.available(lake):
        return []
    since = until - timedelta(days=DAYS)
    store.register(engine, lake, since, until)
    more = {"tags": "{}", "_errors": [], "window_from": since, "window_to": until}
    if name == TRAIL_LOOK.name:
        rows = events.looks(engine)
    else:
        rows = [{**r, "arn": f"arn:aws:iam::{r['account_id']}:root"} for r in events.cover(engine)]
    kinds = TABLES[name].kinds()
    return [{c: {**more, **row}.get(c) for c in kinds} for row in rows]
