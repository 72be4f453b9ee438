"""The many spellings of one control part: `AC-2 (1)`, `ac-2.1`, `AC-02(01)`, `ac-2_smt.a`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_NIST = re.compile(r"^([a-z]{2})-([0-9]+)(?:\.([0-9]+))?(?:_smt(?:\.(.+))?)?$")


def key(spelled: str) -> str:
    """What two spellings of one id have in common: lower case, no spaces, no leading zeros."""
    return _ZEROS.sub("", "".join(spelled.lower().split()))


def nist(spelled: str) -> str:
    """An id of NIST's OSCAL catalogue as its label: `ac-2.1_smt.a` is `AC-2(1)(a)`."""
    found = _NIST.match(spelled)
    if not found:
        return spelled
    family, number, enhancement, rest = found.groups()
    label = f"{family.upper()}-{number}"
    steps = rest.split(".") if rest else []
    if enhancement:
        return label + f"({enhancement})" + "".join(f"({step})" for step in steps)
    dotted = ""
    for depth, step in enumerate(steps):
        dotted += step if depth == 0 else f".{step}" if depth == 1 else f"({step})"
    return label + dotted


def index(ids: Iterable[str]) -> Mapping[str, str]:
    """From the key of each id to the id."""
    return {key(i): i for i in ids}
