"""A user's own framework: from an OSCAL catalogue or a table into the project, with our lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sharedline.cli.main import command
from sharedline.comply import catalogue
from sharedline.comply.convert import from_csv, from_oscal
from sharedline.errors import Error
from sharedline.text import toml

CATALOG = {
    "catalog": {
        "groups": [
            {
                "id": "ac",
                "controls": [
                    {
                        "id": "ac-1",
                        "title": "Rules",
                        "params": [
                            {"id": "p1", "label": "days"},
                            {
                                "id": "p2",
                                "select": {"choice": ["never", "after {{ insert: param, p1 }}"]},
                            },
                        ],
                        "parts": [
                            {
                                "name": "statement",
                                "id": "ac-1_smt",
                                "prose": "Do so {{ insert: param, p2 }}:",
                                "parts": [
                                    {
                                        "name": "item",
                                        "id": "ac-1_smt.a",
                                        "prose": "every {{ insert: param, p1 }};",
                                        "parts": [{"name": "item", "id": "ac-1_smt.a.1"}],
                                    }
                                ],
                            },
                            {"name": "guidance", "id": "ac-1_gdn", "prose": "Not taken."},
                        ],
                        "controls": [
                            {
                                "id": "ac-1.1",
                                "title": "Gone",
                                "props": [{"name": "status", "value": "withdrawn"}],
                            }
                        ],
                    }
                ],
            }
        ]
    }
}


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.return_value, result.output


def test_statements_items_and_parameters_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(CATALOG))
    assert from_oscal(path) == [
        {"id": "AC-1", "title": "Rules", "text": "Do so [one of: never; after [days]]:"},
        {"id": "AC-1a", "title": "Rules", "of": "AC-1", "text": "every [days];"},
        {"id": "AC-1a.1", "title": "Rules", "of": "AC-1a"},
        {"id": "AC-1(1)", "title": "Gone", "withdrawn": True},
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"catalog": 3}', '{"catalog": {"groups": [1]}}'])
def test_what_is_no_catalogue_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(Error, match="no OSCAL catalogue"):
        from_oscal(path)


def test_a_table_is_read_with_its_groups(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('\ufeffid,title,text,in\nA,All,,\nA-1,,"Do, it",A\n', "utf-8")
    assert from_csv(path) == [
        {"id": "A", "title": "All"},
        {"id": "A-1", "title": "A-1", "text": "Do, it", "in": "A"},
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [("a,b\n1,2\n", "no columns"), ("", "no columns"), ("id,title\n,x\n", "line 2")],
)
def test_a_wrong_table_is_said(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(Error, match=says):
        from_csv(path)


def test_a_table_in_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id,title\nA,Über\n".encode("utf-16"))
    with pytest.raises(Error, match=r"cannot be read as CSV|no columns"):
        from_csv(path)


def test_a_licensed_copy_takes_over_our_lines_and_wins(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,title,text,of\nPS-1,Licensed title,Text,\nPS-1a,Its part,,PS-1\nX,New,,\n")
    args = ("comply", "convert", table, "--id", "nist-800-53-r5", "--dir", tmp_path)
    code, said = run(*args, "--title", 'A "title"\x7f', "--licence", "held")
    assert code == 0
    assert "Wrote 3 parts" in said
    made = catalogue.load("nist-800-53-r5", tmp_path / "frameworks")
    ours = catalogue.load("nist-800-53-r5")
    assert made.title == 'A "title"\x7f'
    assert made.parts["PS-1"].title == "Licensed title"
    assert made.parts["PS-1a"].side is ours.parts["PS-1a"].side
    assert made.parts["PS-1a"].you == ours.parts["PS-1a"].you
    assert not made.parts["X"].reviewed
    code, said = run("comply", "line", "--framework", "nist-800-53-r5", "PS-1", "--dir", tmp_path)
    assert "Licensed title" in said
    with pytest.raises(Error, match="there already"):
        run(*args)


def test_an_id_that_would_leave_the_folder_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,title\nA,a\n")
    with pytest.raises(Error, match="is no id"):
        run("comply", "convert", table, "--id", "../x", "--dir", tmp_path)


def test_a_text_as_toml_comes_back() -> None:
    import tomllib

    for text in ('a"b\\', "\x00\x1f\x7f", "é\u2028", "\ud83d".encode("utf-8", "replace").decode()):
        assert tomllib.loads(f"a = {toml(text)}")["a"] == text
