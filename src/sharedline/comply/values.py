"""The line of a control part in the words of others: FedRAMP, its CRM, CCM, PCI, OSCAL.

Ours are two views, a side (who must act) and a capability (what AWS offers). Theirs mix the two,
so each table goes from the pair to their word and back to every pair that the word may mean.

Sources, read 2026-11-22: FedRAMP's SSP template (control origination) and its customer
responsibility matrix ("can be inherited from CSP"); CSA's CCM v4 shared security responsibility
model (control ownership); PCI DSS v4.0.1 requirement 12.8.5; NIST's OSCAL 1.2.1 SSP model,
`control-origination`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sharedline.comply.model import Capability, Part
from sharedline.errors import Error
from sharedline.model import Side

Vocabulary = Literal["fedramp", "crm", "ccm", "pci", "oscal"]
Pair = tuple[Side, Capability]

#: The pairs that make sense: what AWS does whole needs nothing of the customer, and what nobody
#: but the customer can do AWS cannot be asked for.
PAIRS: tuple[Pair, ...] = (
    (Side.AWS, Capability.INHERITED),
    (Side.AWS, Capability.NATIVE),
    (Side.SHARED, Capability.INHERITED_AND_CONFIGURABLE),
    (Side.SHARED, Capability.CONFIGURABLE),
    (Side.SHARED, Capability.NATIVE),
    (Side.SHARED, Capability.INHERITED),
    (Side.SHARED, Capability.CUSTOM),
    (Side.CUSTOMER, Capability.CONFIGURABLE),
    (Side.CUSTOMER, Capability.NATIVE),
    (Side.CUSTOMER, Capability.CUSTOM),
)

_INHERITED = "Inherited from pre-existing FedRAMP Authorization"
_SHARED = "Shared (Service Provider and Customer Responsibility)"
_CONFIGURED = "Configured by Customer (Customer System Specific)"
_PROVIDED = "Provided by Customer (Customer System Specific)"
_OWN = "Service Provider System Specific"


def _fedramp(side: Side, capability: Capability) -> str:
    if side is Side.AWS:
        return _INHERITED if capability is Capability.INHERITED else _OWN
    if side is Side.SHARED:
        return _SHARED
    return _PROVIDED if capability is Capability.CUSTOM else _CONFIGURED


def _crm(side: Side, _: Capability) -> str:
    return {Side.AWS: "yes", Side.SHARED: "partial"}.get(side, "no")


def _ccm(side: Side, capability: Capability) -> str:
    if side is Side.SHARED:
        # Independent: each does its part without the means of the other.
        independent = capability is Capability.CUSTOM
        return "Shared (Independent)" if independent else "Shared (Dependent)"
    return "CSP-Owned" if side is Side.AWS else "CSC-Owned"


def _pci(side: Side, _: Capability) -> str:
    return {Side.AWS: "service provider", Side.SHARED: "shared"}.get(side, "entity")


def _oscal(side: Side, capability: Capability) -> str:
    if side is Side.AWS:
        return "inherited" if capability is Capability.INHERITED else "system-specific"
    words = {
        Capability.CUSTOM: "customer-provided",
        Capability.INHERITED: "inherited",
        Capability.INHERITED_AND_CONFIGURABLE: "inherited customer-configured",
    }
    if side is Side.CUSTOMER and capability is Capability.CUSTOM:
        return "customer-provided"
    if side is Side.SHARED and capability is Capability.CUSTOM:
        return "inherited customer-provided"
    return words.get(capability, "customer-configured")


_WORDS = {"fedramp": _fedramp, "crm": _crm, "ccm": _ccm, "pci": _pci, "oscal": _oscal}
#: Words of theirs that ours never become, and what they mean here.
_MORE: Mapping[str, Mapping[str, tuple[Pair, ...]]] = {
    "fedramp": {
        "Service Provider Corporate": ((Side.AWS, Capability.NATIVE),),
        "Service Provider Hybrid (Corporate and System Specific)": (
            (Side.AWS, Capability.NATIVE),
            (Side.AWS, Capability.INHERITED),
        ),
    },
    "oscal": {"organization": ((Side.CUSTOMER, Capability.CUSTOM),)},
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line in the words of each vocabulary; empty where nobody drew it."""

    fedramp: str = ""
    crm: str = ""
    ccm: str = ""
    pci: str = ""
    oscal: str = ""


def spoken(part: Part) -> Spoken:
    """The line of a part in every vocabulary."""
    if part.capability is None or part.side is Side.UNKNOWN:
        return Spoken()
    return Spoken(**{name: word(part.side, part.capability) for name, word in _WORDS.items()})


def word(vocabulary: Vocabulary, side: Side, capability: Capability) -> str:
    """What a vocabulary calls the pair."""
    return _WORDS[vocabulary](side, capability)


def meant(vocabulary: Vocabulary, said: str) -> tuple[Pair, ...]:
    """Every pair that a word of theirs may mean.

    Raises:
        Error: The vocabulary has no such word.
    """
    found = tuple(pair for pair in PAIRS if word(vocabulary, *pair) == said)
    found += _MORE.get(vocabulary, {}).get(said, ())
    if not found:
        known = sorted({word(vocabulary, *p) for p in PAIRS} | set(_MORE.get(vocabulary, {})))
        raise Error(f"{vocabulary} has no word {said!r}.", f"Known are {'; '.join(known)}.")
    return found
