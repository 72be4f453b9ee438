"""The reader: what it takes, what it refuses with file, place and remedy, as the schema does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import jsonschema_rs
import pytest
from tests.exercise.made import full

from sharedline.errors import ConfigError
from sharedline.exercise import schema
from sharedline.exercise.model import Scenario
from sharedline.exercise.read import Reading, of_data, plain, read, read_file, shaped, written
from sharedline.yaml12 import dump, load

VALIDATOR = jsonschema_rs.Draft202012Validator(schema.scenario())


def reader_takes(data: Any) -> bool:
    try:
        shaped(Scenario, data, (), Reading("x", {}))
    except ConfigError:
        return False
    return True


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items: list[tuple[Any, Any]] = list(value.items()) if isinstance(value, dict) else []
    items += enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield from places(one, (*path, key))


def changed(path: tuple[Any, ...], new: Any) -> Any:
    data = full()
    if not path:
        return new
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    if new is DROPPED:
        del at[path[-1]]
    else:
        at[path[-1]] = copy.deepcopy(new)
    return data


DROPPED = object()
VALUES: tuple[Any, ...] = (
    DROPPED, None, True, 0, -1, 481, 7, 5.0, 5.5, "", "x", "two\nlines", "a\tb", "bell\x07", "\r",
    "data.exposure", "UPPER", "x" * 301, "y" * 2_049, "z" * 12_001, [], ["x"], [""], [1], {},
    {"unknown": 1},
)  # fmt: skip


def test_what_the_model_holds_comes_back() -> None:
    scenario = of_data(full(), "x")
    assert plain(scenario) == full()
    assert read(written(scenario), "x") == scenario
    assert VALIDATOR.is_valid(full())


def test_every_field_of_the_model_is_in_the_example() -> None:
    definitions = schema.scenario()["$defs"] | {"scenario": schema.scenario()}
    have: dict[str, set[str]] = {}

    def walk(kind: str, value: dict[str, Any]) -> None:
        have.setdefault(kind, set()).update(value)
        for key, property_ in definitions[kind]["properties"].items():
            ref = property_.get("$ref") or property_.get("items", {}).get("$ref", "")
            if ref and key in value:
                inner = value[key] if isinstance(value[key], list) else [value[key]]
                for one in inner:
                    walk(ref.rsplit("/", 1)[1], one)

    walk("scenario", full())
    assert {k: set(v["properties"]) for k, v in definitions.items()} == have


def test_schema_and_reader_refuse_the_same() -> None:
    refused = total = 0
    for path in places(full()):
        for value in VALUES:
            if value is DROPPED and not path:
                continue
            data = changed(path, value)
            takes = reader_takes(data)
            assert takes == VALIDATOR.is_valid(data), (path, value)
            refused += not takes
            total += 1
    assert total > 2_500
    assert total * 0.5 < refused < total


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("a: &x 1\nb: *x\n", "line 1: anchors"),
        ("a: 1\na: 2\n", "line 2: the key a stands there twice"),
        ("a: [1\n", "line 2: this is not YAML"),
        ("a: !!python/none x\n", "tag !python/none is not read"),
        ("[" * 3_000 + "]" * 3_000, "nested too deeply"),
        ("- a\n", "a list stands where keys are needed"),
        ("id: x\nwrong: 1\n", "unknown key wrong"),
        ("a: \x07\n", "not YAML"),
    ],
)
def test_what_is_no_scenario_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text, "f.yaml")
    assert "f.yaml" in caught.value.message
    assert says in caught.value.message
    assert caught.value.advice


def test_a_wrong_value_is_named_with_its_line() -> None:
    text = dump(full()).replace("  minute: 12\n", "  minute: soon\n")
    with pytest.raises(ConfigError, match=r"f, injects 2, minute \(line \d+\): 'soon' is not"):
        read(text, "f")
    line = text.split("minute: soon")[0].count("\n") + 1
    with pytest.raises(ConfigError, match=rf"\(line {line}\)"):
        read(text, "f")


def test_words_of_yaml_1_1_are_texts() -> None:
    assert load("a: [no, on, 2026-11-22, 012, 1_0, 0x1f, ~, true]", "x")[0]["a"] == [
        "no", "on", "2026-11-22", 12, "1_0", "0x1f", None, True,
    ]  # fmt: skip


@hypothesis.given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=40))
def test_texts_come_back_from_yaml(text: str) -> None:
    data = {"a": text, "b": f"{text}\n{text}\n", "c": [text]}
    try:
        back = load(dump(data), "x")[0]
    except ConfigError as error:
        raise AssertionError(dump(data)) from error
    assert back == data


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_file(tmp_path / "a.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_file(tmp_path / "none.yaml")


def _set(path: str, value: Any) -> dict[str, Any]:
    steps = [int(s) if s.isdigit() else s for s in path.split("/")]
    data = changed(tuple(steps), value)
    assert isinstance(data, dict)
    data.pop("made", None)
    return data


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("injects/1/id", "i", "injects 2, id: the id i stands there twice"),
        ("injects/1/minute", 30, "minute 30 is out of order or after the end"),
        ("injects/0/phase", "q", "minute 0 does not fall in the phase q"),
        ("injects/0/phase", "none", "there is no phase 'none'"),
        ("injects/0/duty", "data.none", "there is no duty 'data.none'"),
        ("objectives/0/duties/0", "data.none", "there is no duty"),
        ("expected/0/duty", "data.none", "there is no duty"),
        ("phases/1/start", 40, "minute 40 is out of order"),
        ("objectives/0/by", 31, "minute 31 is after the end"),
        ("expected/0/inject", "x", "there is no inject 'x'"),
        ("expected/0/inject", "j", "minute 9 is before its inject"),
        ("decisions/0/inject", "x", "there is no inject 'x'"),
        ("decisions/0/options/0/quality", "good", "no option is the best"),
        ("decisions/0/options/1/quality", "best", "every option is the best"),
        ("injects/0/questions/0/truth/answers/0", "moon", "there is no choice 'moon'"),
        ("injects/0/questions/0/truth", DROPPED, "has no right answer"),
        ("injects/0/questions/1/choices", ["a"], "a free question has choices"),
        ("injects/0/text", "{nobody_here}", "{nobody_here} is nobody of the cast"),
    ],
)
def test_parts_that_do_not_agree_are_refused(path: str, value: Any, says: str) -> None:
    data = _set(path, value)
    with pytest.raises(ConfigError) as caught:
        of_data(data, "f")
    assert says in caught.value.message
    assert caught.value.advice


def test_names_of_an_estate_may_hold_braces() -> None:
    data = full()
    data["injects"][0]["text"] = "arn:aws:apigateway:us-east-1::/restapis/x/{id_of_it}"
    assert of_data(data, "f").made is not None
