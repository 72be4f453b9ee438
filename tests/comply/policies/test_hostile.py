"""Policies that mean harm or are broken: told in a sentence, quickly, and nothing is followed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest

from sharedline.comply.policies import clauses, word
from sharedline.comply.policies.clauses import of_file, read
from sharedline.errors import Error


def _word() -> dict[str, bytes]:
    """The parts of a small document."""
    document = docx.Document()
    document.add_heading("Doors", 1)
    document.add_paragraph("All doors are locked.")
    packed = io.BytesIO()
    document.save(packed)
    with zipfile.ZipFile(packed) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def _pack(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


def test_a_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clauses, "MOST_BYTES", 1_000_000)
    path = tmp_path / "a.md"
    path.write_text("# X\n" + "y" * 1_000_000)
    with pytest.raises(Error, match=r"a\.md is larger than 1 MB"):
        of_file(path, "a")


def test_too_many_clauses(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# X\ny\n\n" * (clauses.MOST_CLAUSES + 1))
    with pytest.raises(Error, match="more than 20,000 clauses"):
        of_file(path, "a")


@pytest.mark.parametrize("name", ["a.md", "a.csv"])
def test_not_utf_8(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes("id,text\n1,é\n".encode("utf-16"))
    with pytest.raises(Error, match="UTF-8"):
        read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0 old Word"])
def test_no_word_document_at_all(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.docx").write_bytes(content)
    with pytest.raises(Error, match=r"a\.docx cannot be read as a Word document"):
        read(tmp_path)


def test_every_part_of_a_word_document_may_be_missing_or_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    told = 0
    for name, content in _word().items():
        for instead in (None, b"", b"<a/>", content[: len(content) // 2], b"\x00" * 50):
            parts = {k: v for k, v in _word().items() if k != name or instead is not None}
            if instead is not None:
                parts[name] = instead
            _pack(path, parts)
            try:
                found = of_file(path, "a")
            except Error as error:
                assert "cannot be read as a Word document" in error.message
                told += 1
            else:
                assert {c.text for c in found} <= {"All doors are locked."}
    assert told >= 10


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    parts = _word() | {"word/document.xml": b" " * (word._MOST_XML + 1)}
    with pytest.raises(Error, match="unpacks to 60 MB"):
        of_file(_pack(tmp_path / "a.docx", parts), "a")


def test_entities_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    parts = _word()
    body = parts["word/document.xml"].split(b"?>", 1)[1]
    doctype = f'<!DOCTYPE w [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    parts["word/document.xml"] = doctype + body.replace(b"All doors", b"&x; All doors")
    with pytest.raises(Error, match="declares entities"):
        of_file(_pack(tmp_path / "a.docx", parts), "a")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("# Secret\nwords\n")
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "in.md").symlink_to(tmp_path / "outside.md")
    with pytest.raises(Error, match="link to a file outside of the folder"):
        read(folder)


def test_links_within_the_folder_and_to_nowhere(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.md").write_text("# X\ny\n")
    (tmp_path / "b.md").symlink_to(tmp_path / "real" / "a.md")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    (tmp_path / "none.md").symlink_to(tmp_path / "nothing.md")
    assert [c.id for c in read(tmp_path)] == ["b/x", "real-a/x"]


def test_control_characters_do_not_reach_an_id(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J.md").write_text("# Red \x1b[31m \u202e\0 words\nx\n")
    (found,) = read(tmp_path)
    assert found.id == "a-2j/red-31m-words"


def test_yaml_that_expands_is_read_at_once(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, before in zip("bcdefghijkl", "abcdefghijk", strict=True):
        lines.append(f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]")
    (tmp_path / "a.md").write_text("---\n" + "\n".join(lines) + "\n---\n# X\ny\n")
    assert [c.id for c in read(tmp_path)] == ["a/x"]
    (tmp_path / "a.md").write_text("---\na: " + "[" * 9000 + "\n---\n# X\ny\n")
    with pytest.raises(Error, match="no YAML"):
        read(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("# X\ny\n")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(Error, match=r"a\.md cannot be read \(Permission denied\)"):
        read(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(Error, match="There is no folder"):
        read(tmp_path / "policies")
