"""The tables of looks at logs that SQL over the lake's trail makes (`trail.review`)."""

from __future__ import annotations

from collections.abc import Mapping

from sharedline.collect.table import Type
from sharedline.derive.base import Derivation
from sharedline.derive.log_review import DAYS

_SPAN: Mapping[str, tuple[Type, str]] = {
    "window_from": ("timestamp", f"The time that was looked at: {DAYS} days before the scan."),
    "window_to": ("timestamp", "Its end: the scan."),
}

TRAIL_LOOK = Derivation(
    name="trail_look",
    doc="Who read logs or findings: a reader, a call and what it read, how often, first and last.",
    reads={},
    of_trail=True,
    columns={
        "arn": ("string", "The reader."),
        "account_id": ("string", "The account that the events are of."),
        "kind": (
            "string",
            "`bucket`, `athena`, `log-group`, `event-data-store`, `event-history`, `guardduty`, ...",
        ),
        "target": ("string", "The bucket, log group or query, as far as the event shows it."),
        "of_account": ("string", "Whose log files were read, by their key; empty: not known."),
        "concerns": ("strings", "The kinds of logs that an Athena query's words speak of."),
        "action": ("string", "The call, as `service:Operation`."),
        "does": ("string", "The same in words."),
        "counts": ("bool", "Whether it shows what is in the logs, and not names alone."),
        "who": ("string", "The user, or the session of a role."),
        "reader": ("string", "`person`, `machine` or `unclear`."),
        "rule": ("string", "The rule of `readers.toml` that says so."),
        "forwards": ("bool", "A machine that takes logs to where people may look."),
        "refused": ("bool", "AWS answered with an error."),
        "times": ("int", "How often."),
        "first_at": ("timestamp", "The first time."),
        "last_at": ("timestamp", "The last time."),
        **_SPAN,
    },
    run=lambda _: (),
)

TRAIL_DAY = Derivation(
    name="trail_day",
    doc="What the lake's trail holds of each day, so that silence is told from missing logs.",
    reads={},
    of_trail=True,
    columns={
        "arn": ("string", "The account, as the ARN of its root user."),
        "day": ("string", "The day, in UTC."),
        "bucket": ("string", "A bucket of logs, of whose objects these are events; empty: all."),
        "events": ("int", "Events."),
        "reads": ("int", "Those that read: management calls, or of a bucket its objects."),
        "data_events": ("int", "Data events."),
        **_SPAN,
    },
    run=lambda _: (),
)
