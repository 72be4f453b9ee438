"""What findings say of a control part: those of checks that name it, and those of its duty."""

from __future__ import annotations

from collections.abc import Mapping

from sharedline.model import Status

#: The statuses that decide, the gravest first, and how a sentence says them.
_GRAVE = ((Status.UNMET, "unmet"), (Status.UNKNOWN, "could not be read"), (Status.WAIVED, "waived"))


def named(counts: Mapping[str, int]) -> tuple[Status, str] | None:
    """The status by findings of checks that name the part, with a sentence; None without any."""
    total = sum(counts.values())
    if not total:
        return None
    for status, said in _GRAVE:
        if count := counts.get(status, 0):
            verb = "" if status is Status.UNKNOWN else "is " if count == 1 else "are "
            rest = ", the rest is met" if status is Status.WAIVED and count < total else ""
            return status, f"{count:,} of {total:,} findings {verb}{said}{rest}."
    return (
        Status.MET,
        f"All {total:,} findings are met." if total > 1 else "Its one finding is met.",
    )


def of_duty(counts: Mapping[str, int]) -> tuple[bool, str]:
    """Whether findings of its duty are against it, and a sentence; they never show that it is met."""
    total = sum(counts.values())
    bad = counts.get(Status.UNMET, 0) + counts.get(Status.UNKNOWN, 0)
    if bad:
        said = f"{bad:,} of {total:,} findings of its duty are not met"
    elif total:
        said = f"The {total:,} findings of its duty are met"
    else:
        return False, ""
    return bool(bad), f"{said}, of checks that do not name it."
