"""Verification: any byte changed in any file is named; what cannot be told is told by what can."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.comply.evidence.made import DAY, NOW, clock, first_wrong, item, log, log_files, store

from sharedline.comply.evidence import files, heads
from sharedline.comply.evidence.artefacts import Places
from sharedline.comply.evidence.merkle import Tree, leaf_hash
from sharedline.comply.evidence.store import Store
from sharedline.comply.evidence.verify import Published, verify


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A log that no test may leave changed."""
    folder = tmp_path_factory.mktemp("whole") / "log"
    log(folder)
    before = {p: p.read_bytes() for p in log_files(folder)}
    yield folder
    assert {p: p.read_bytes() for p in log_files(folder)} == before


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def flipped(path: Path, at: int, mask: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= mask
    path.write_bytes(data)


def is_named(folder: Path, path: Path, at: int, mask: int) -> str:
    """Why a flipped byte was not named right; empty where it was."""
    data = path.read_bytes()
    line = data[:at].count(b"\n") + 1
    try:
        flipped(path, at, mask)
        first = first_wrong(folder)
    finally:
        path.write_bytes(data)
    if first is None:
        return f"{path.name} byte {at} ^ {mask:#x}: nothing is wrong"
    wanted = (path.name, 0 if path.name == files.PUBLIC else line)
    return "" if (first.file, first.line) == wanted else f"{wanted} expected, {first} said"


def test_a_whole_log_is_whole(whole: Path) -> None:
    found = verify(whole)
    assert (found.items, found.heads, found.wrong, found.unchecked) == (10, 3, [], [])
    assert found.last is not None
    assert found.last.size == 10


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 255))
def test_any_byte_of_any_file_is_named(whole: Path, which: int, where: int, mask: int) -> None:
    every = log_files(whole)
    path = every[which % len(every)]
    assert is_named(whole, path, where % path.stat().st_size, mask) == ""


def test_every_byte_of_a_small_log_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    made = store(folder)
    made.append([{"kind": "note", "statement": "x", "observed": NOW}])
    missed = [
        said
        for path in log_files(folder)
        for at in range(path.stat().st_size)
        if (said := is_named(folder, path, at, 1 << at % 8))
    ]
    assert missed == []


@given(st.integers(0, 9), st.data())
def test_a_line_deleted_doubled_or_moved_is_named(
    whole: Path, index: int, data: st.DataObject
) -> None:
    path, place = whole / f"items-00000{index // 4 + 1}.jsonl", index % 4
    before = path.read_bytes()
    lines = before.splitlines(keepends=True)
    how = data.draw(st.sampled_from(("delete", "double", "swap")))
    if how == "delete":
        del lines[place]
    elif how == "double":
        lines.insert(place, lines[place])
        index += 1
    else:
        other = data.draw(st.integers(0, len(lines) - 1).filter(lambda n: n != place))
        lines[place], lines[other] = lines[other], lines[place]
        index += min(place, other) - place
    try:
        path.write_bytes(b"".join(lines))
        first = first_wrong(whole)
    finally:
        path.write_bytes(before)
    assert first is not None
    assert first.index == index


def test_a_value_changed_in_its_canonical_form_is_named(copy: Path) -> None:
    path = copy / "items-000002.jsonl"
    text = path.read_text()
    path.write_text(text.replace('"population":47', '"population":48'))
    assert str(first_wrong(copy)) == (
        "items-000002.jsonl, line 3 (item 6): it is not what head 3 signs: changed, moved, added "
        "or removed."
    )


def test_a_value_changed_with_its_leaf_hash_is_narrowed_to_its_head(copy: Path) -> None:
    path = copy / "items-000002.jsonl"
    lines = [x.replace('"population":47', '"population":48') for x in path.read_text().splitlines()]
    path.write_text("".join(f"{x}\n" for x in lines))
    hashes = [leaf_hash(x.encode()).hex() for x in lines]
    files.leaves_of(path).write_text("".join(f"{h}\n" for h in hashes))
    assert str(first_wrong(copy)) == (
        "items-000002.jsonl, line 3 (item 6): it or an item up to items-000003.jsonl, line 2, is "
        "not what head 3 signs."
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: (f / "items-000003.jsonl").write_bytes(b""),
         "items-000003.jsonl (item 8): it and what follows are missing: head 3 signs 10 items."),
        (lambda f: (f / "items-000003.jsonl").unlink(),
         "items-000002.jsonl: head 3 signs 10 items and 8 are there."),
        (lambda f: (f / "items-000002.jsonl").unlink(),
         "items-000002.jsonl (item 4): the segment is missing."),
        (lambda f: (f / "items-000002.leaves").unlink(), "items-000002.leaves: it is missing."),
        (lambda f: (f / "items-000004.leaves").write_bytes(b""),
         "items-000004.leaves: its items are missing."),
        (lambda f: (f / "heads.jsonl").unlink(),
         "heads.jsonl: it is missing, so no item is signed."),
        (lambda f: (f / "public.pem").unlink(), "public.pem: it cannot be read as a public key"),
    ],
)
def test_files_that_are_gone_are_named(
    copy: Path, change: Callable[[Path], object], said: str
) -> None:
    change(copy)
    first = first_wrong(copy)
    assert first is not None
    assert str(first).startswith(said)


def rewritten(folder: Path, size: int, key: Path) -> None:
    """The log cut to a size and one item of it changed, under heads signed anew with a key."""
    lines = [line for _, p in files.segments(folder) for line, _ in files.lines(p)][:size]
    lines[0] = lines[0].replace(b'"population":41', b'"population":99')
    for pattern in ("items-*", "heads.jsonl"):
        for path in folder.glob(pattern):
            path.unlink()
    private = heads.private_key(key)
    (folder / "public.pem").write_bytes(heads.public_pem(private.public_key()))
    path = files.segment(folder, 1)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    leaves = [leaf_hash(line) for line in lines]
    files.leaves_of(path).write_text("".join(f"{leaf.hex()}\n" for leaf in leaves))
    head = heads.sign(size, Tree(leaves).root(), NOW, None, private)
    (folder / "heads.jsonl").write_bytes(head.line + b"\n")


def test_a_log_rewritten_with_its_key_is_told_only_by_a_published_head(copy: Path) -> None:
    old = [Published(h, "the auditor") for h in Store(copy).heads()]
    assert verify(copy, against=old).published == 3
    rewritten(copy, 10, copy / "keys" / "signing.pem")
    assert verify(copy).wrong == []
    for one in old:
        wrong = verify(copy, against=[one]).wrong
        assert [p.file for p in wrong] == ["the auditor"]
        assert "no beginning of this log" in wrong[0].what


def test_a_log_rolled_back_with_its_heads_is_told_only_by_a_published_head(copy: Path) -> None:
    old = [Published(h, "the auditor") for h in Store(copy).heads()]
    lines = (copy / "heads.jsonl").read_bytes().splitlines(keepends=True)
    (copy / "heads.jsonl").write_bytes(b"".join(lines[:2]))
    for number, keep in ((2, 2), (3, 0)):
        for path in (files.segment(copy, number), files.leaves_of(files.segment(copy, number))):
            path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:keep]))
            if not keep:
                path.unlink()
    assert verify(copy).wrong == []
    assert verify(copy, against=old[:2]).wrong == []
    wrong = verify(copy, against=old).wrong
    assert len(wrong) == 1
    assert "the log was rolled back" in wrong[0].what


def test_a_log_signed_again_with_another_key_is_told_by_the_keys_id(
    copy: Path, tmp_path: Path
) -> None:
    old = [Published(h, "the auditor") for h in Store(copy).heads()]
    key = heads.key_id(heads.public_key(copy / "public.pem"))
    other = tmp_path / "other.pem"
    heads.make_key(other)
    assert verify(copy, key=key).wrong == []
    assert verify(copy, key=key[:16].upper()).wrong == []
    rewritten(copy, 10, other)
    assert verify(copy).wrong == []
    assert f", not {key}" in verify(copy, key=key).wrong[0].what
    assert "not by this log's key" in verify(copy, against=old).wrong[0].what
    assert verify(copy, key=key[:15]).wrong  # too short to tell keys apart


def test_heads_signed_by_another_key_are_named(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    private = heads.make_key(other)
    before = Store(copy).heads()
    forged = heads.sign(6, before[1].root, before[1].time, before[0], private)
    kept = [before[0].line, forged.line, before[2].line]
    (copy / "heads.jsonl").write_bytes(b"".join(line + b"\n" for line in kept))
    first = first_wrong(copy)
    assert first is not None
    assert (first.file, first.line) == ("heads.jsonl", 2)
    assert f"it names the key {heads.key_id(private.public_key())}" in first.what
    (copy / "public.pem").write_bytes(heads.public_pem(private.public_key()))
    wrong = verify(copy).wrong
    assert [(p.file, p.line) for p in wrong if p.file == "heads.jsonl"] == [
        ("heads.jsonl", 1), ("heads.jsonl", 3),
    ]


@pytest.mark.parametrize(
    ("order", "line", "what"),
    [
        ((0, 2), 2, "it does not follow the line before"),
        ((1, 2), 1, "it does not follow the line before"),
        ((0, 1, 1, 2), 3, "it does not follow the line before"),
        ((0, 2, 1), 2, "it does not follow the line before"),
    ],
)
def test_heads_out_of_their_chain_are_named(
    copy: Path, order: tuple[int, ...], line: int, what: str
) -> None:
    path = copy / "heads.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[n] for n in order))
    first = first_wrong(copy)
    assert first is not None
    assert (first.file, first.line, first.what) == ("heads.jsonl", line, what)


def test_a_head_of_no_more_items_is_refused(copy: Path) -> None:
    private = heads.private_key(copy / "keys" / "signing.pem")
    last = Store(copy).heads()[-1]
    same = heads.sign(10, last.root, NOW, last, private)
    with (copy / "heads.jsonl").open("ab") as stream:
        stream.write(same.line + b"\n")
    first = first_wrong(copy)
    assert first is not None
    assert (first.line, first.what) == (4, "it has no more items than the one before")


def test_a_clock_that_was_set_back_is_noted(copy: Path) -> None:
    Store(copy, None, clock(NOW - DAY), 4).append([item()])
    found = verify(copy)
    assert found.wrong == []
    assert found.notes == ["Head 4 is dated before the one before it: a clock was set."]


def test_files_that_items_stand_on_are_compared_where_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    (tmp_path / "paper.pdf").write_bytes(b"%PDF")
    kept = {"name": "x", "sha256": "3df79d34abbca99308e79cb94461c1893582604d68329a41fd4bec1885e6adb4"}
    secret = tmp_path.parent / "secret"
    secret.write_bytes(b"*")
    made = store(folder)
    made.append([
        item(artefact={"name": "p", "where": "paper.pdf", "sha256": leaf_of(b"%PDF")}),
        item(artefact={**kept, "where": "gone.pdf"}),
        item(artefact={**kept, "where": "https://example.org/x"}),
        item(artefact={**kept, "where": "../secret"}),
        item(artefact={**kept, "where": "lake:findings/x"}),
    ])
    found = verify(folder, Places(folder, tmp_path))
    assert (found.files, found.wrong) == (1, [])
    assert found.unchecked == [
        "3 files not at hand: gone.pdf, https://example.org/x, ../secret",
        "1 file of the lake, which is not at hand",
    ]
    assert verify(folder).unchecked == []  # nobody asked
    (tmp_path / "paper.pdf").write_bytes(b"%PDG")
    wrong = verify(folder, Places(folder, tmp_path)).wrong
    assert [(p.index, p.what) for p in wrong] == [(0, "it is not the file that was recorded")]


def leaf_of(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def test_an_empty_log_says_nothing(tmp_path: Path) -> None:
    store(tmp_path / "log")
    found = verify(tmp_path / "log")
    assert (found.items, found.heads, found.wrong) == (0, 0, [])


def test_thousands_of_damaged_lines_are_not_all_named(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    made = Store(store(folder).folder, None, clock(), 500)
    made.append(item(n) for n in range(100))
    path = folder / "items-000001.jsonl"
    path.write_bytes(b"{}\n" * 1000)
    wrong = verify(folder).wrong
    assert wrong[0].index == 0
    assert len(wrong) <= 21
    assert json.loads((folder / "heads.jsonl").read_text())["size"] == 100
