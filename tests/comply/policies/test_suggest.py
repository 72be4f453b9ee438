"""Suggestions: the same every time, near by words, and never written anywhere."""

from __future__ import annotations

import pytest

from sharedline.comply.catalogue import load
from sharedline.comply.policies.clauses import Clause
from sharedline.comply.policies.suggest import Index, Suggestion
from sharedline.duties.catalogue import load as load_duties


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(("nist-800-53-r5",))


def _ask(index: Index, text: str, most: int = 5) -> list[Suggestion]:
    return index.suggest(Clause("a/1", "a", "1", "", text), most)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Everybody signs in with a second factor, multi-factor authentication.", "identity.mfa"),
        ("Buildings and data centres are guarded; physical access is logged.", "PE-"),
        ("Cryptographic keys are rotated and destroyed.", "SC-12"),
        ("Backups are made every night and restored as a test.", "CP-9"),
    ],
)
def test_what_is_near_is_among_the_first(index: Index, text: str, target: str) -> None:
    found = [s.target for s in _ask(index, text)]
    assert any(target in one for one in found), found


def test_the_same_every_time_best_first_and_explained(index: Index) -> None:
    text = "Audit logs are kept for a year and reviewed; keys rotate; OR NOT NEAR AND access."
    found = _ask(index, text, 20)
    assert len(found) == 20
    assert found == _ask(index, text, 20) == _ask(Index(("nist-800-53-r5",)), text, 20)
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    asked = set(text.lower().replace(";", " ").replace(".", " ").split())
    assert all(s.words and set(s.words) <= asked for s in found)
    assert found[:5] == _ask(index, text, 5)


def test_targets_exist_each_control_once_and_none_is_withdrawn(index: Index) -> None:
    parts = load("nist-800-53-r5").parts
    found = [s.target for s in _ask(index, "Review access to accounts and audit records", 50)]
    controls = [t.partition(":")[2] for t in found if ":" in t]
    assert all(not parts[c].withdrawn and not parts[c].header for c in controls)
    assert all(t in load_duties().duties for t in found if ":" not in t)
    assert len({parts[c].control for c in controls}) == len(controls)


@pytest.mark.parametrize("text", ["", "12 34 %%% --", "the and must shall", "日本", '" OR 1 --'])
def test_words_that_say_nothing(index: Index, text: str) -> None:
    assert _ask(index, text) == []


def test_a_policy_of_endless_words_is_cut(index: Index) -> None:
    words = "".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26 % 26)} " for i in range(600))
    assert _ask(index, "access control " + words * 100)[0].score > 0
