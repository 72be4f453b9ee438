"""The line in the words of others: each of our pairs has a word, and the word leads back to it."""

from __future__ import annotations

from typing import get_args

import pytest

from sharedline.comply.model import Capability, Part
from sharedline.comply.values import PAIRS, Pair, Spoken, Vocabulary, meant, spoken, word
from sharedline.errors import Error
from sharedline.model import Side

VOCABULARIES: tuple[Vocabulary, ...] = get_args(Vocabulary)

#: One column each: FedRAMP's origination, CRM, CCM, PCI, OSCAL.
TABLE: dict[Pair, tuple[str, str, str, str, str]] = {
    (Side.AWS, Capability.INHERITED): (
        "Inherited from pre-existing FedRAMP Authorization",
        "yes",
        "CSP-Owned",
        "service provider",
        "inherited",
    ),
    (Side.AWS, Capability.NATIVE): (
        "Service Provider System Specific",
        "yes",
        "CSP-Owned",
        "service provider",
        "system-specific",
    ),
    (Side.SHARED, Capability.INHERITED_AND_CONFIGURABLE): (
        "Shared (Service Provider and Customer Responsibility)",
        "partial",
        "Shared (Dependent)",
        "shared",
        "inherited customer-configured",
    ),
    (Side.SHARED, Capability.CUSTOM): (
        "Shared (Service Provider and Customer Responsibility)",
        "partial",
        "Shared (Independent)",
        "shared",
        "inherited customer-provided",
    ),
    (Side.CUSTOMER, Capability.CONFIGURABLE): (
        "Configured by Customer (Customer System Specific)",
        "no",
        "CSC-Owned",
        "entity",
        "customer-configured",
    ),
    (Side.CUSTOMER, Capability.CUSTOM): (
        "Provided by Customer (Customer System Specific)",
        "no",
        "CSC-Owned",
        "entity",
        "customer-provided",
    ),
}


@pytest.mark.parametrize("pair", TABLE)
def test_the_words_of_a_pair(pair: Pair) -> None:
    order: tuple[Vocabulary, ...] = ("fedramp", "crm", "ccm", "pci", "oscal")
    assert tuple(word(v, *pair) for v in order) == TABLE[pair]


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("pair", PAIRS)
def test_a_word_leads_back_to_the_pair(pair: Pair, vocabulary: Vocabulary) -> None:
    assert pair in meant(vocabulary, word(vocabulary, *pair))


# OSCAL's word says where a control comes from, not who must act.
@pytest.mark.parametrize("vocabulary", [v for v in VOCABULARIES if v != "oscal"])
def test_a_word_never_changes_who_must_act(vocabulary: Vocabulary) -> None:
    for pair in PAIRS:
        assert {side for side, _ in meant(vocabulary, word(vocabulary, *pair))} == {pair[0]}


@pytest.mark.parametrize(
    ("vocabulary", "said", "pairs"),
    [
        ("fedramp", "Service Provider Corporate", {(Side.AWS, Capability.NATIVE)}),
        ("oscal", "organization", {(Side.CUSTOMER, Capability.CUSTOM)}),
    ],
)
def test_words_that_ours_never_become_are_understood(
    vocabulary: Vocabulary, said: str, pairs: set[Pair]
) -> None:
    assert set(meant(vocabulary, said)) == pairs


def test_a_word_of_nobody_is_said() -> None:
    with pytest.raises(Error, match="has no word 'maybe'"):
        meant("crm", "maybe")


def test_where_nobody_drew_the_line_nothing_is_claimed() -> None:
    assert spoken(Part("f", "A", "A", "t")) == Spoken()
    assert spoken(Part("f", "A", "A", "t", side=Side.AWS)) == Spoken()
