"""`policies.toml`: read strictly, added to without touching what is there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sharedline.comply.policies.clauses import Clause
from sharedline.comply.policies.mapping import Asked, append, lost, of_clauses, read
from sharedline.errors import Error

GOOD = """# Ours.
[[map]]
clause = "access/1"
controls = ["nist-800-53-r5:ac-2 (1)", "nist-800-53-r5:AC-2(1)", "identity.mfa"]
duties = ["identity.root-account"]
owner = "Sec"
note = "Asked twice."
by = "Ana"
on = 2026-11-22
text = "bd32b4807891"
"""


def _clause(name: str, text: str = "words", **more: object) -> Clause:
    return Clause(name, name.split("/", maxsplit=1)[0], "", "Title", text, **more)  # type: ignore[arg-type]


def test_a_mapping_is_read_with_its_names_as_the_framework_spells_them(tmp_path: Path) -> None:
    path = tmp_path / "policies.toml"
    path.write_text(GOOD)
    assert read(path) == {
        "access/1": Asked(
            "access/1", ("nist-800-53-r5:AC-2(1)",), ("identity.mfa", "identity.root-account"),
            "Sec", "Asked twice.", "Ana", date(2026, 11, 22), "bd32b4807891",
        )
    }  # fmt: skip
    assert read(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[map]", "Correct that line"),
        ("[[maps]]\nclause = 'a/1'", "unknown key maps"),
        ("map = 3", "map is not a list of entries"),
        ("map = [3]", "it is a int, not a table"),
        ("[[map]]\nduties = []", "map 1 names no clause"),
        ("[[map]]\nclause = ' '", "map 1 names no clause"),
        ("[[map]]\nclause = 3", "clause = 3 is no text"),
        ("[[map]]\nclause = 'a/1'\ncontrol = []", "unknown key control"),
        ("[[map]]\nclause = 'a/1'\ncontrols = 'x:AC-2'", "controls is no list of texts"),
        ("[[map]]\nclause = 'a/1'\nduties = [3]", "duties is no list of texts"),
        ("[[map]]\nclause = 'a/1'\nduties = ['x.y']", "(a/1): 'x.y' is no duty and no control"),
        ("[[map]]\nclause = 'a/1'\ncontrols = ['nist:AC-2']", "no framework 'nist'"),
        (
            "[[map]]\nclause = 'a/1'\ncontrols = ['nist-800-53-r5:AC-99']",
            "nist-800-53-r5 has no part 'AC-99'",
        ),
        ("[[map]]\nclause = 'a/1'\ncontrols = ['nist-800-53-r5:']", "has no part ''"),
        ("[[map]]\nclause = 'a/1'\ncontrols = ['../../etc:AC-1']", "no framework '../../etc'"),
        ("[[map]]\nclause = 'a/1'\non = '2026-11-22'", "Write a day"),
        ("[[map]]\nclause = 'a/1'\non = 2026-11-22T10:00:00Z", "Write a day"),
        ("[[map]]\nclause = 'a/1'\ntext = 'the words'", "is no fingerprint"),
        ("[[map]]\nclause = 'a/1'\n[[map]]\nclause = 'a/1'", "a/1 is there twice"),
        ("x = " + "[" * 5000, "policies.toml"),
    ],
)
def test_a_mapping_that_is_wrong_says_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "policies.toml"
    path.write_text(text)
    with pytest.raises(Error) as told:
        read(path)
    assert said in str(told.value)


def test_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "policies.toml"
    path.write_bytes(b"# \xff\n")
    with pytest.raises(Error, match="UTF-8"):
        read(path)


@pytest.mark.parametrize("held", ["", GOOD, GOOD.rstrip("\n"), GOOD.replace("\n", "\r\n")])
def test_append_keeps_what_is_there(tmp_path: Path, held: str) -> None:
    path = tmp_path / "policies.toml"
    path.write_bytes(held.encode())
    made = Asked(
        "access/2", ("nist-800-53-r5:AC-6",), (), 'a "quoted"\nowner', "\x7f\u202e", "Bo",
        date(2026, 11, 22), "0123456789ab",
    )  # fmt: skip
    append(path, made)
    assert path.read_bytes().startswith(held.encode())
    assert read(path)["access/2"] == made
    assert ("access/1" in read(path)) is bool(held)
    before = path.read_bytes()
    with pytest.raises(Error, match="access/2 is mapped already"):
        append(path, made)
    assert path.read_bytes() == before


def test_append_refuses_what_could_not_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "policies.toml"
    for held in ("map = []\n", "[[map]\n", 'note = """\n'):
        path.write_text(held)
        with pytest.raises(Error):
            append(path, Asked("a/1", text="0123456789ab"))
        assert path.read_text() == held
    (tmp_path / "folder").mkdir()
    with pytest.raises(Error, match="cannot be written"):
        append(tmp_path / "folder", Asked("a/1"))


def test_a_framework_of_the_project_may_be_named(tmp_path: Path) -> None:
    own = tmp_path / "frameworks"
    (own / "house").mkdir(parents=True)
    (own / "house" / "framework.toml").write_text(
        'id = "house"\ntitle = "House"\npublisher = "Us"\nversion = "1"\nurl = "https://example.org"\n'
        'read = 2026-11-22\nlicence = "ours"\n[[part]]\nid = "H-1"\ntitle = "Doors"\n'
    )
    path = tmp_path / "policies.toml"
    append(path, Asked("a/1", ("house:H-1",), text="0123456789ab"))
    append(path, Asked("a/2", ("house:H-1",), text="0123456789ab"))
    assert read(path, own)["a/1"].controls == ("house:H-1",)
    with pytest.raises(Error, match="no framework 'house'"):
        read(path)


def test_the_file_wins_over_the_document() -> None:
    written = {"a/1": Asked("a/1", (), ("identity.mfa",))}
    clauses = [
        _clause("a/1", targets=("nist-800-53-r5:AC-6",)),
        _clause("a/2", targets=("nist-800-53-r5:AC-6", "identity.mfa"), owner="Sec"),
        _clause("a/3"),
    ]
    found = of_clauses(clauses, written)
    assert found == {
        **written,
        "a/2": Asked("a/2", ("nist-800-53-r5:AC-6",), ("identity.mfa",), "Sec"),
    }


def test_nonsense_in_a_document_names_its_clause() -> None:
    with pytest.raises(Error, match=r"^Clause a/2: 'AC-2' is no duty and no control\."):
        of_clauses([_clause("a/2", targets=("AC-2",))], {})


def test_a_mapping_whose_clause_is_gone_says_where_its_words_are() -> None:
    moved, other = _clause("a/2.2"), _clause("a/2.3", "other words")
    written = {
        "a/2.1": Asked("a/2.1", text=moved.fingerprint), "a/9": Asked("a/9"),
        "a/2.3": Asked("a/2.3"), "a/8": Asked("a/8", text="000000000000"),
    }  # fmt: skip
    told = [str(one) for one in lost([moved, other], written)]
    assert told == ["a/2.1 (its words are now a/2.2)", "a/8", "a/9"]
