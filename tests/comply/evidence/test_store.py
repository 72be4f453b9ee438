"""The store: what is appended reads back under a signed head, whatever interrupts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tests.comply.evidence.made import DAY, NOW, clock, item, log, store

from sharedline.comply.evidence import files, heads
from sharedline.comply.evidence.item import EvidenceError
from sharedline.comply.evidence.merkle import proves_consistency, proves_inclusion
from sharedline.comply.evidence.store import Store, open_store
from sharedline.comply.evidence.verify import verify

ROOT = Path(__file__).parents[3]


def again(folder: Path) -> Store:
    """The log as another process finds it."""
    return Store(folder, None, clock(NOW + DAY), 4)


def test_what_was_appended_reads_back(tmp_path: Path) -> None:
    made = log(tmp_path / "log")
    assert [i for i, _ in made.items()] == list(range(10))
    assert [x["population"] for _, x in made.items()] == list(range(41, 51))
    assert {x["received"] for _, x in made.items()} == {
        f"2026-11-22T12:00:0{s}Z" for s in range(3)
    }
    assert [h.size for h in made.heads()] == [1, 6, 10]
    names = sorted(p.name for p in (tmp_path / "log").glob("items-*"))
    assert names == [f"items-00000{n}.{end}" for n in (1, 2, 3) for end in ("jsonl", "leaves")]
    assert [files.count(p) for _, p in files.segments(tmp_path / "log")] == [4, 4, 2]
    assert verify(tmp_path / "log").wrong == []


def test_items_by_kind_duty_and_day(tmp_path: Path) -> None:
    made = store(tmp_path / "log")
    made.append([item(0), item(1, observed=NOW - 3 * DAY), item(2, duty="x"),
                 {"kind": "note", "statement": "n", "observed": NOW}])
    assert [i for i, _ in made.items("note")] == [3]
    assert [i for i, _ in made.items(duty="x")] == [2]
    assert [i for i, _ in made.items(since=date(2026, 11, 21))] == [0, 2, 3]
    assert [i for i, _ in made.items(until=date(2026, 11, 21))] == [0, 1, 2]
    assert [i for i, _ in made.items(until=date(2026, 11, 20))] == [1]
    assert [i for i, _ in made.items(since=NOW, until=NOW)] == [3]
    assert json.loads(made.line(2))["duty"] == "x"
    with pytest.raises(EvidenceError, match="no item 4"):
        made.line(4)


def test_a_head_verifies_with_nothing_but_json_and_ed25519(tmp_path: Path) -> None:
    log(tmp_path / "log")
    lines = (tmp_path / "log" / "heads.jsonl").read_text().splitlines()
    public: Any = load_pem_public_key((tmp_path / "log" / "public.pem").read_bytes())
    before = "0" * 64
    for line in lines:
        head = json.loads(line)
        signature = bytes.fromhex(head.pop("signature"))
        body = json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
        public.verify(signature, body)
        assert head["previous"] == before
        assert head["key"] == sha256(public.public_bytes_raw()).hexdigest()
        before = sha256(line.encode()).hexdigest()


def test_proofs_lead_to_the_newest_head(tmp_path: Path) -> None:
    made = log(tmp_path / "log")
    old, new = made.heads()[1], made.heads()[2]
    for index in range(10):
        proof = made.proof(index)
        leaf = sha256(b"\0" + made.line(index)).digest()
        assert proof.leaf == leaf
        assert proves_inclusion(leaf, index, 10, proof.path, new.root)
        plain = proof.plain()
        assert json.loads(plain["head"])["root"] == plain["root"] == new.root.hex()
    path = made.tree().consistency(old.size)
    assert proves_consistency(6, 10, old.root, new.root, path)
    with pytest.raises(EvidenceError, match="no item 10"):
        made.proof(10)


def test_several_append_in_turn(tmp_path: Path) -> None:
    one, two = store(tmp_path / "log"), again(tmp_path / "log")
    assert one.append([item()]) == range(1)
    assert two.append([item(), item()]) == range(1, 3)
    assert one.append([item()]) == range(3, 4)
    assert two.append([]) == range(4, 4)
    assert verify(tmp_path / "log").wrong == []
    assert len(two.heads()) == 3


def test_an_item_that_is_none_leaves_no_trace(tmp_path: Path) -> None:
    made = log(tmp_path / "log")
    before = {p: p.read_bytes() for p in (tmp_path / "log").glob("*.*")}
    with pytest.raises(EvidenceError, match="no item of evidence"):
        made.append([item(), item(), item(), item(population=-1)])
    assert {p: p.read_bytes() for p in (tmp_path / "log").glob("*.*")} == before

    def breaks() -> Any:
        yield item()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.append(breaks())
    assert {p: p.read_bytes() for p in (tmp_path / "log").glob("*.*")} == before
    made.append([item()])
    assert verify(tmp_path / "log").wrong == []


@pytest.mark.parametrize(
    ("file", "tail"),
    [
        ("items-000003.jsonl", b'{"half'),
        ("items-000003.jsonl", b'{"whole":1}\n{"whole":2}\n{"half'),
        ("items-000003.leaves", b"12ab"),
        ("heads.jsonl", b'{"key":"ab'),
        ("items-000004.jsonl", b'{"a":1}\n'),
    ],
)
def test_what_no_head_signs_is_told_and_set_aside(tmp_path: Path, file: str, tail: bytes) -> None:
    folder = tmp_path / "log"
    log(folder)
    with (folder / file).open("ab") as stream:
        stream.write(tail)
    wrong = verify(folder).wrong
    assert wrong
    assert wrong[0].file == file
    made = again(folder)
    made.append([item(99)])
    assert verify(folder).wrong == []
    assert [x["population"] for _, x in made.items()][-2:] == [50, 140]
    if not file.endswith(".leaves"):  # those follow from the items: nothing to keep
        kept = [p.read_bytes() for p in (folder / "unsigned").iterdir()]
        assert kept == [tail]
        assert "set aside" in made.notes[0]
        assert "unsigned" in verify(folder).notes[0]


def test_leaf_hashes_are_made_anew_where_they_are_lost(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log(folder)
    (folder / "items-000001.leaves").unlink()
    assert str(verify(folder).wrong[0]) == "items-000001.leaves: it is missing."
    again(folder).append([item()])
    assert verify(folder).wrong == []


def test_signed_items_that_are_gone_stop_the_writer(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log(folder)
    kept = (folder / "items-000003.leaves").read_bytes()
    (folder / "items-000003.jsonl").write_bytes(b"")
    with pytest.raises(EvidenceError, match="last 2 of the 10 signed items are missing"):
        again(folder).append([item()])
    assert (folder / "items-000003.leaves").read_bytes() == kept
    for path in folder.glob("*.leaves"):
        path.unlink()
    with pytest.raises(EvidenceError, match="does not hold what its newest head signs"):
        again(folder).append([item()])


def test_items_without_any_head_stop_the_writer(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log(folder)
    (folder / "heads.jsonl").unlink()
    with pytest.raises(EvidenceError, match="no head that signs them"):
        again(folder).append([item()])
    assert len((folder / "items-000001.jsonl").read_bytes().splitlines()) == 4


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    made, other = store(tmp_path / "log"), again(tmp_path / "log")
    with files.locked(tmp_path / "log", NOW) as stale:
        assert stale == ""
        with pytest.raises(EvidenceError, match=f"written by process {os.getpid()} on"):
            other.append([item()])
    (tmp_path / "log" / "lock").write_text('{"pid": 7, "host": "h", "since": "2026"}')
    made.append([item()])
    assert made.notes == [
        "The last writer ended before it had finished: process 7 on h, since 2026."
    ]
    (tmp_path / "log" / "lock").write_text("nonsense")
    other.append([item()])
    assert "another process" in other.notes[0]


def test_the_key_is_the_owners_alone_and_out_of_git(tmp_path: Path) -> None:
    made = store(tmp_path / "log")
    assert made.key == tmp_path / "log" / "keys" / "signing.pem"
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert "/keys/" in (tmp_path / "log" / ".gitignore").read_text()
    made.key.chmod(0o640)
    with pytest.raises(EvidenceError, match="Others than its owner may read") as raised:
        made.append([item()])
    assert "chmod 600" in raised.value.advice
    made.key.unlink()
    with pytest.raises(EvidenceError, match="cannot be read") as raised:
        made.append([item()])
    assert "--key" in raised.value.advice


def test_only_the_logs_own_key_appends(tmp_path: Path) -> None:
    log(tmp_path / "log")
    other = tmp_path / "other.pem"
    heads.make_key(other)
    with pytest.raises(EvidenceError, match="not the one whose public half"):
        Store(tmp_path / "log", other).append([item()])
    other.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(EvidenceError, match="no private key"):
        Store(tmp_path / "log", other).append([item()])


def test_a_key_elsewhere_is_made_once_and_used_again(tmp_path: Path) -> None:
    key = tmp_path / "safe" / "key.pem"
    one = open_store(tmp_path / "one", create=True, key=key)
    two = open_store(tmp_path / "two", create=True, key=key)
    assert one.public.read_bytes() == two.public.read_bytes()
    assert not (tmp_path / "one" / "keys").exists()
    assert heads.key_id(heads.private_key(key).public_key()) in one.notes[0]


def test_opening_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no evidence log") as raised:
        open_store(tmp_path / "log")
    assert "evidence record" in raised.value.advice
    assert not (tmp_path / "log").exists()
    log(tmp_path / "log")
    (tmp_path / "log" / "public.pem").unlink()
    with pytest.raises(EvidenceError, match=r"public.pem is missing"):
        open_store(tmp_path / "log", create=True)


_DIES = """
import os, sys
from pathlib import Path
from tests.comply.evidence.made import item
from sharedline.comply.evidence.store import Store
def items():
    yield from (item(n) for n in range(9))
    os._exit(7)  # as if the power failed: nothing is tidied up
Store(Path(sys.argv[1]), per_segment=4).append(items())
"""


def test_a_writer_that_dies_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    made = log(folder)
    head = made.head()
    died = subprocess.run([sys.executable, "-c", _DIES, str(folder)], cwd=ROOT, check=False)
    assert died.returncode == 7
    assert made.head() == head
    assert "no head signs it and what follows" in verify(folder).wrong[0].what
    assert len(list(again(folder).items())) == 10  # what no head signs is not read
    after = again(folder)
    assert after.append([item(42)]) == range(10, 11)
    assert "The last writer ended before it had finished" in after.notes[0]
    assert "set aside" in after.notes[1]
    assert verify(folder).wrong == []
    aside = b"".join(p.read_bytes() for p in (folder / "unsigned").iterdir())
    assert aside.count(b"\n") >= 6
