"""Generated files are current, and the schemas for editors accept and refuse as the readers do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from sharedline.checks.load import folder, load
from sharedline.checks.load import parse as read_check
from sharedline.docs.__main__ import ROOT, generated, main, stale
from sharedline.docs.editors import all_schemas
from sharedline.docs.markdown import table
from sharedline.docs.pages import anchor
from sharedline.duties import catalogue, owners, waivers
from sharedline.errors import ConfigError

LINES = sorted((catalogue.root() / "lines").glob("*.toml"))
CHECKS = sorted(folder().rglob("*.sql"))


def _plain(value: Any) -> Any:
    """TOML as an editor's schema sees it: dates are texts."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads(all_schemas()[name])
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def problems(name: str, text: str) -> list[str]:
    return [e.message for e in validator(name).iter_errors(_plain(tomllib.loads(text)))]


@pytest.fixture(scope="module")
def files() -> Mapping[str, str]:
    return generated()


def test_everything_generated_is_current() -> None:
    """In a process of its own: other tests change what a terminal looks like."""
    done = subprocess.run(
        [sys.executable, "-m", "sharedline.docs", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_difference_a_missing_and_a_foreign_file_are_found(
    tmp_path: Path, files: Mapping[str, str]
) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    assert stale(tmp_path, files) == []
    (tmp_path / "docs/reference/duties.md").write_text("old", "utf-8")
    (tmp_path / "docs/reference/lines.md").unlink()
    (tmp_path / "docs/reference/gone.md").write_text("of a table that is no more", "utf-8")
    assert stale(tmp_path, files) == [
        "docs/reference/duties.md",
        "docs/reference/gone.md",
        "docs/reference/lines.md",
    ]


def test_another_argument_is_refused() -> None:
    assert main(["--cheque"]) == 2


def test_links_within_the_reference_lead_somewhere(files: Mapping[str, str]) -> None:
    headings = {
        Path(path).name: {anchor(h) for h in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
        for path, text in files.items()
        if path.endswith(".md")
    }
    dead = set()
    for path, text in files.items():
        for page, place in re.findall(r"\]\(([\w.]*)#([^)]+)\)", text):
            if place not in headings[page or Path(path).name]:
                dead.add(f"{path}: {page}#{place}")
    assert sorted(dead) == []


def test_a_cell_breaks_no_table() -> None:
    assert table(("a",), [("x | y\n<b>",)]) == "| a |\n| --- |\n| x \\| y &lt;b> |\n"


@pytest.mark.parametrize("path", LINES, ids=lambda p: p.stem)
def test_the_schema_accepts_every_line_file(path: Path) -> None:
    assert problems("line", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", CHECKS, ids=lambda p: p.relative_to(folder()).as_posix())
def test_the_schema_accepts_every_check(path: Path) -> None:
    front = path.read_text("utf-8").split("/*", 1)[1].split("*/", 1)[0]
    assert problems("check", front) == []


OWNERS = """
[team.web]
person = "Ada"
[[rule]]
team = "web"
duty = ["data.*", "response.*"]
[[rule]]
team_from_tag = "team"
tag = {env = "prod*"}
"""
WAIVER = """
[[waiver]]
check = "s3/*"
reason = "A public site."
approver = "Grace"
expires = 2027-03-31
"""
CHECK = """
title = "t"
severity = "low"
duty = "data.exposure"
why = "w"
fix = "f"
[controls]
aws-fsbp = ["S3.8"]
"""


def _file(tmp_path: Path, text: str, read: Callable[[Path], object]) -> Callable[[], object]:
    path = tmp_path / "x.toml"
    path.write_text(text, "utf-8")
    return lambda: read(path)


def _read_check(text: str) -> object:
    return read_check(f"/*{text}*/ select 1", "x/y", "x")


def test_the_schemas_accept_what_the_readers_accept(tmp_path: Path) -> None:
    _file(tmp_path, OWNERS, owners.load)()
    _file(tmp_path, WAIVER, waivers.load)()
    _read_check(CHECK)
    assert problems("owners", OWNERS) == problems("waivers", WAIVER) == []
    assert problems("check", CHECK) == []
    assert load()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('person = "Ada"', 'phone = "1"'),
        ('team_from_tag = "team"', 'note = "no team"'),
        ('team_from_tag = "team"', 'team_from_tag = "team"\nteam = "web"'),
        ('["data.*", "response.*"]', "[1]"),
        ("[[rule]]", "[[rules]]"),
    ],
)
def test_schema_and_reader_refuse_the_same_owners(tmp_path: Path, before: str, after: str) -> None:
    text = OWNERS.replace(before, after)
    with pytest.raises(ConfigError):
        _file(tmp_path, text, owners.load)()
    assert problems("owners", text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('check = "s3/*"', ""),
        ('reason = "A public site."', ""),
        ('approver = "Grace"', 'approver = ""'),
        ("2027-03-31", '"soon"'),
        ("check", "checks"),
    ],
)
def test_schema_and_reader_refuse_the_same_waivers(tmp_path: Path, before: str, after: str) -> None:
    text = WAIVER.replace(before, after)
    with pytest.raises(ConfigError):
        _file(tmp_path, text, waivers.load)()
    assert problems("waivers", text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('title = "t"', ""),
        ('"low"', '"urgent"'),
        ('["S3.8"]', '"S3.8"'),
        ('why = "w"', 'why = "w"\nwho = "me"'),
    ],
)
def test_schema_and_reader_refuse_the_same_checks(before: str, after: str) -> None:
    text = CHECK.replace(before, after)
    with pytest.raises(ConfigError):
        _read_check(text)
    assert problems("check", text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('side = "customer"', 'side = "nobody"'),
        ('side = "customer"', 'side = "shared"'),
        ('you = "Do it."', ""),
        ('source = "https://docs.aws.amazon.com/x"', ""),
        ("2026-11-21", '"lately"'),
        ('table = "s3_bucket"', ""),
    ],
)
def test_schema_and_reader_refuse_the_same_lines(before: str, after: str) -> None:
    entry = """
duty = "data.exposure"
side = "customer"
you = "Do it."
table = "s3_bucket"
when = "a = 1"
source = "https://docs.aws.amazon.com/x"
read = 2026-11-21
"""
    head = 'service = "s3"\n[[line]]\n'
    catalogue.parse_line(tomllib.loads(entry), "s3", "here")
    assert problems("line", head + entry) == []
    text = entry.replace(before, after)
    with pytest.raises(ConfigError):
        catalogue.parse_line(tomllib.loads(text), "s3", "here")
    assert problems("line", head + text)
