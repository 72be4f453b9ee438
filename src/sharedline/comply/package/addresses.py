"""Where each control part stands in OSCAL: its group, its control, its statement."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sharedline.comply.model import Framework, Part
from sharedline.comply.package.naming import token

#: A lettered part of a control, `AC-2a` of `AC-2`; what goes on with a number is a control itself.
_LETTERED = re.compile(r"^[.(]?[a-z]")
_NIST = re.compile(r"^([A-Z]{2})-(\d+)(?:\((\d+)\))?(.*)$")
_STEP = re.compile(r"[A-Za-z0-9]+")
_FAMILY = re.compile(r"^[A-Za-z]+(?=[-.0-9])|^[^.\-(]+")
#: The families of NIST SP 800-53, which its catalogue names and a control's id only abbreviates.
_FAMILIES = {
    "AC": "Access Control", "AT": "Awareness and Training", "AU": "Audit and Accountability",
    "CA": "Assessment, Authorization, and Monitoring", "CM": "Configuration Management",
    "CP": "Contingency Planning", "IA": "Identification and Authentication",
    "IR": "Incident Response", "MA": "Maintenance", "MP": "Media Protection",
    "PE": "Physical and Environmental Protection", "PL": "Planning", "PM": "Program Management",
    "PS": "Personnel Security", "PT": "PII Processing and Transparency", "RA": "Risk Assessment",
    "SA": "System and Services Acquisition", "SC": "System and Communications Protection",
    "SI": "System and Information Integrity", "SR": "Supply Chain Risk Management",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """Where a part stands. `control` is empty for a heading that is only a group."""

    group: str
    group_title: str
    control: str
    statement: str
    #: The id of the part that is the control, `AC-2` for `AC-2a`.
    of: str

    @property
    def is_control(self) -> bool:
        """Whether the part is a control, not one lettered part of it."""
        return self.statement == f"{self.control}_smt"


def addresses(framework: Framework) -> dict[str, Address]:
    """The address of every part, withdrawn ones too."""
    below: dict[str, list[Part]] = defaultdict(list)
    for part in framework.parts.values():
        if part.control != part.id:
            below[part.control].append(part)
    only_groups = {
        name
        for name, parts in below.items()
        if not any(_lettered(p) for p in parts) and not _NIST.match(name)
    }
    prefix = token(framework.id.split("-")[0])
    taken: dict[str, str] = {}
    out = {}
    for part in framework.parts.values():
        address = _address(framework, part, only_groups, prefix)
        mark = address.statement or f"group {address.group}"
        if taken.setdefault(mark, part.id) != part.id:  # two ids that differ only in signs
            address = Address(
                address.group, address.group_title, address.control,
                f"{address.statement}.{len(taken)}", address.of,
            )  # fmt: skip
            taken[address.statement] = part.id
        out[part.id] = address
    return out


def _lettered(part: Part) -> bool:
    rest = part.id.removeprefix(part.control)
    return part.id not in (part.control, rest) and bool(_LETTERED.match(rest))


def _address(framework: Framework, part: Part, only_groups: set[str], prefix: str) -> Address:
    if part.control in only_groups:
        head = framework.parts[part.control]
        group, title = token(f"{prefix}-{head.id}").lower(), head.title
        if part.id == part.control:
            return Address(group, title, "", "", "")
    else:
        found = _FAMILY.match(part.id)
        family = found[0] if found else part.id
        named = _FAMILIES.get(family, "") if framework.id.startswith("nist-800-53") else ""
        group, title = token(f"{prefix}-{family}").lower(), named or family
    if nist := _NIST.match(part.id):
        control = f"{nist[1].lower()}-{nist[2]}" + (f".{nist[3]}" if nist[3] else "")
        steps = "".join(f".{step}" for step in _STEP.findall(nist[4]))
        return Address(group, title, control, f"{control}_smt{steps}", _nist_control(nist))
    if _lettered(part):
        control = _token(part.control, prefix)
        steps = "".join(f".{step}" for step in _STEP.findall(part.id[len(part.control) :]))
        return Address(group, title, control, f"{control}_smt{steps}", part.control)
    control = _token(part.id, prefix)
    return Address(group, title, control, f"{control}_smt", part.id)


def _nist_control(found: re.Match[str]) -> str:
    return f"{found[1]}-{found[2]}" + (f"({found[3]})" if found[3] else "")


def _token(name: str, prefix: str) -> str:
    """The id as a token; one that begins with a digit is given the framework's name before it."""
    return token(name if name[:1].isalpha() else f"{prefix}-{name}").lower()


def controls_of(parts: Mapping[str, Part], at: Mapping[str, Address]) -> dict[str, list[Part]]:
    """The parts of each control, by the control's OSCAL id, in the framework's order."""
    out: dict[str, list[Part]] = {}
    for part in parts.values():
        if control := at[part.id].control:
            out.setdefault(control, []).append(part)
    return out
