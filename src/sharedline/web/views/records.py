"""The audit log as an address or a program asks for it: by person, action, target and days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sharedline.people.audit import Filters


def filters(
    who: str, action: str, target: str, since: str, until: str
) -> tuple[Filters, list[str]]:
    """What is looked for, and which of the two days are none; those are left out.

    Days are UTC and written like 2026-11-22; `until` is counted in.
    """
    first, last = _day(since), _day(until)
    after = last + timedelta(days=1) if last else None
    wrong = [given for given in (since, until) if given and _day(given) is None]
    return Filters(who.strip(), action, target.strip(), first, after), wrong


def _day(given: str) -> datetime | None:
    try:
        found = date.fromisoformat(given)
        return (
            datetime(found.year, found.month, found.day, tzinfo=UTC) if found.year < 9999 else None
        )
    except ValueError:
        return None
