"""The words of assurance as frozen values: a framework, a control part, the line through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sharedline.model import Side


class Capability(StrEnum):
    """What AWS offers towards a control part, whoever must act: the capability view."""

    #: An AWS service does it for what runs in it; using the service is all that is needed.
    NATIVE = "native"
    #: AWS offers the means, off or neutral until the customer configures it.
    CONFIGURABLE = "configurable"
    #: AWS does it beneath the customer's system; the customer inherits it whole.
    INHERITED = "inherited"
    #: AWS does its half beneath, and offers the means for the customer's half.
    INHERITED_AND_CONFIGURABLE = "inherited-and-configurable"
    #: Nothing of AWS does it: people, paper or code of the customer's own.
    CUSTOM = "custom"


#: How a part is proved (`cover.How`), the strongest first, in words.
HOW: Mapping[str, str] = {
    "named": "a check names it",
    "mapped": "a check names what it restates",
    "duty": "a check looks at its duty",
    "report": "AWS's report",
    "statement": "only a person's statement",
    "unknown": "nobody drew the line",
}
#: `controls` say what is to be reached, a `benchmark` which setting of which service.
KINDS = ("controls", "benchmark")

#: Where a line was not given but follows from the duties of the part.
FROM_DUTIES = "from its duties, not reviewed"


@dataclass(frozen=True, slots=True)
class Part:
    """A control, an enhancement or one lettered part of it, with the line through it."""

    framework: str
    id: str
    #: The control or enhancement that it is part of; itself for those.
    control: str
    title: str
    #: The group under which it is listed, if any.
    group: str = ""
    #: Empty where the licence of the framework does not let us ship it.
    text: str = ""
    duties: tuple[str, ...] = ()
    #: The duty view: who must act. `unknown` where nobody drew the line.
    side: Side = Side.UNKNOWN
    #: The capability view; None where nobody drew the line.
    capability: Capability | None = None
    aws: str = ""
    you: str = ""
    source: str = ""
    read: date | None = None
    #: Whether the line was given for this part (or the control above it) by a person.
    reviewed: bool = False
    #: Whether it only introduces the parts below it.
    header: bool = False
    withdrawn: bool = False
    baselines: tuple[str, ...] = ()
    #: Control parts of other frameworks that it restates or, of a benchmark, serves, `framework:id`.
    maps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Framework:
    """A set of controls that somebody else wrote, and what of it may be shipped."""

    id: str
    title: str
    publisher: str
    version: str
    url: str
    read: date
    licence: str
    #: Whether the publisher's own text is in it, or ids with short titles of ours.
    text: bool
    kind: str = "controls"
    parts: Mapping[str, Part] = field(default_factory=dict)
    baselines: tuple[str, ...] = ()
