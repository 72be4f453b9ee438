"""YAML that people write: texts stay texts, lines are the file's, what is hostile is refused."""

from __future__ import annotations

from typing import Any

import pytest

from sharedline.errors import ConfigError
from sharedline.yaml12 import MOST, load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("2026-11-22", "2026-11-22"),
        ("12:30", "12:30"),
        ("0x1f", "0x1f"),
        ("012", 12),
        ("1.5", 1.5),
        ("True", True),
        ("~", None),
        ("!!str 1", "1"),
        ("1" * 20, float("1" * 20)),
        ("", None),
    ],
)
def test_the_types_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    found = load(text, "f")[0]
    assert found == value
    assert type(found) is type(value)


def test_lines_are_the_files() -> None:
    assert load("a: 1\nb:\n- 2\n", "f", above=1)[1] == {
        (): 2,
        ("a",): 2,
        ("b",): 4,
        ("b", 0): 4,
    }


def test_forty_lines_of_aliases_are_not_written_out() -> None:
    bomb = "l0: &l0 [x, x]\n" + "".join(
        f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}]\n" for n in range(1, 40)
    )
    with pytest.raises(ConfigError, match=r"^f, line 2: anchors and aliases are not read"):
        load(bomb, "f", above=1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: *x\n", "f, line 3: anchors and aliases are not read."),
        ("a: 1\na: 2\n", "f, line 3: the key a stands there twice."),
        ("? [a]\n: 1\n", "f, line 2: a key is not a word."),
        ("a: !!int soon\n", "f, line 2: the tag !int is not read."),
        ("a: !!timestamp 2026-01-01\n", "f, line 2: the tag !timestamp is not read."),
        ("a: !!python/object/apply:os.system [x]\n", "f, line 2: the tag !os.system is not read."),
        ("a: !!set {b}\n", "f, line 2: the tag !set is not read."),
        ("a: !own x\n", "f, line 2: the tag !own is not read."),
        ("a: [1\n", "f, line 3: it is not YAML (expected"),
        ("a: \x07\n", "f: it is not YAML (unacceptable"),
        ("[" * 3_000, "f: it is nested too deeply."),
        ("a" * (MOST + 1), "f: 2,000,001 characters are too many."),
    ],
)
def test_what_is_hostile_is_refused_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text, "f", "it", above=1)
    assert caught.value.message.startswith(says)
    assert "\n" not in caught.value.message
    assert caught.value.advice
