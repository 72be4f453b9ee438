"""The verifier: alone, on another machine, it names the first file in which a byte was changed."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.comply.package import made

from sharedline.comply.evidence.merkle import Tree, leaf_hash
from sharedline.comply.package import manifest, verifier
from sharedline.comply.package.build import Built, build
from sharedline.comply.package.verifier import Wrong, verify


def nothing(_: str) -> None:
    """Says nothing."""


@pytest.fixture
def copied(built: Built, tmp_path: Path) -> Path:
    """A copy of the package that may be changed; its zip lies beside it."""
    for name in ("audit.zip", "audit.zip.sha256"):
        shutil.copy(built.archive.with_name(name), tmp_path / name)
    shutil.copytree(built.folder, tmp_path / "audit")
    return tmp_path / "audit"


def seal(folder: Path) -> None:
    """Makes the manifest true of what is there now, as somebody who forges would."""
    found = json.loads((folder / "manifest.json").read_bytes())
    for entry in found["files"]:
        data = (folder / entry["path"]).read_bytes()
        entry |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    text = json.dumps(found).encode()
    (folder / "manifest.json").write_bytes(text)
    digest = hashlib.sha256(text).hexdigest()
    (folder / "manifest.sha256").write_text(f"{digest}  manifest.json\n", "ascii")


def test_it_needs_nothing_but_python(built: Built) -> None:
    script = built.folder / "verify.py"
    tree = ast.parse(script.read_text("utf-8"), feature_version=(3, 8))
    imported = {
        (a.name if isinstance(n, ast.Import) else str(n.module)).split(".")[0]
        for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
    }  # fmt: skip
    assert imported <= sys.stdlib_module_names
    # -I -S: neither the environment nor any installed package.
    for path in ([], [str(built.archive)]):
        ran = subprocess.run(
            [sys.executable, "-I", "-S", str(script), *path,
             "--manifest-sha256", built.manifest_sha256],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "5 items of evidence are in that log" in ran.stdout
        assert ran.stdout.endswith("Verified.\n")
    assert not list(built.folder.rglob("__pycache__"))


def test_a_byte_changed_in_any_file_is_found_and_the_file_is_named(copied: Path) -> None:
    for name in manifest.files(copied):
        path = copied / name
        data = path.read_bytes()
        for at in (0, len(data) // 2, len(data) - 1):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            with pytest.raises(Wrong) as wrong:
                verify(copied, say=nothing)
            named = "manifest.json" if name == "manifest.sha256" else name
            assert str(wrong.value).startswith(f"{named}: "), name
        path.write_bytes(data)
    verify(copied, say=nothing)


def test_a_byte_changed_anywhere_in_the_zip_is_found(copied: Path) -> None:
    path = copied.with_name("audit.zip")
    data = path.read_bytes()
    for at in [*range(0, len(data), max(1, len(data) // 40)), len(data) - 1]:
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(Wrong, match=r"audit\.zip"):
            verify(path, say=nothing)


def test_a_byte_changed_in_a_file_of_the_zip_names_the_file(copied: Path) -> None:
    path = copied.with_name("audit.zip")
    path.with_name("audit.zip.sha256").unlink()
    with zipfile.ZipFile(path) as archive:
        inside = {n: archive.read(n) for n in archive.namelist()}
    for name in inside:
        with zipfile.ZipFile(path, "w") as archive:
            for other, data in inside.items():
                archive.writestr(other, data[:-1] + b"?" if other == name else data)
        with pytest.raises(Wrong) as wrong:
            verify(path, say=nothing)
        short = name.removeprefix("audit/").replace("manifest.sha256", "manifest.json")
        assert str(wrong.value).startswith(f"{short}: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: (f / "oscal" / "ssp.json").unlink(), "oscal/ssp.json: it is missing"),
        (lambda f: (f / "more.txt").write_text("x"), "more.txt: the manifest does not name it"),
        (lambda f: (f / "oscal" / "link").symlink_to("/etc/passwd"), "oscal/link: the manifest"),
        (lambda f: (f / "manifest.sha256").unlink(), "manifest.sha256: it is missing"),
        (lambda f: (f / "manifest.json").write_text("[]"), "manifest.json: "),
    ],
)
def test_files_that_came_or_went_are_named(
    copied: Path, change: Callable[[Path], object], said: str
) -> None:
    change(copied)
    with pytest.raises(Wrong, match=said):
        verify(copied, say=nothing)


def test_a_package_that_was_sealed_again_is_told_by_the_value_of_its_maker(
    copied: Path, built: Built
) -> None:
    (copied / "oscal" / "ssp.json").write_text("{}")
    seal(copied)
    verify(copied, say=nothing)  # nothing within it can tell
    with pytest.raises(Wrong, match=r"manifest\.json: its SHA-256 is"):
        verify(copied, built.manifest_sha256, say=nothing)


def test_evidence_that_was_sealed_again_is_found_by_the_log(copied: Path) -> None:
    folder = copied / "evidence"
    kept = {p: p.read_bytes() for p in folder.iterdir()}
    items, proofs = kept[folder / "items.ndjson"], kept[folder / "proofs.ndjson"]
    forged = items.replace(b'"result":"met"', b'"result":"not"', 1)
    first = json.loads(proofs.splitlines()[0])
    leaf = leaf_hash(forged.splitlines()[0]).hex()
    moved = b"\n".join([json.dumps({**first, "index": 1}).encode(), *proofs.splitlines()[1:]])
    head = json.loads(kept[folder / "head.json"])
    key = Ed25519PrivateKey.generate().public_key()
    from sharedline.comply.evidence.heads import public_pem

    changes: list[tuple[str, bytes, str]] = [
        ("items.ndjson", forged, "items.ndjson, line 1: it is not what its proof says"),
        ("items.ndjson", items[items.index(b"\n") + 1 :], "5 proofs for 4 items"),
        ("proofs.ndjson", proofs.replace(first["leaf"].encode(), leaf.encode()), "items.ndjson"),
        ("proofs.ndjson", moved, "line 1: it does not lead to the head"),
        ("proofs.ndjson", b"{}\n" * 5, "line 1: it is no proof"),
        ("head.json", json.dumps({**head, "size": 6}).encode(), "head.json: its signature"),
        ("head.json", b"{}", "head.json: head or key cannot be read"),
        ("key.pem", public_pem(key), "key.pem: it is not the key that the head names"),
    ]
    for name, data, said in changes:
        (folder / name).write_bytes(data)
        seal(copied)
        with pytest.raises(Wrong, match=said):
            verify(copied, say=nothing)
        (folder / name).write_bytes(kept[folder / name])


def test_another_key_is_told_by_its_id(copied: Path) -> None:
    with pytest.raises(Wrong, match="its id is"):
        verify(copied, key_id="ab" * 32, say=nothing)


def test_a_head_of_another_log_is_not_believed(copied: Path) -> None:
    """Items of one log under the head and key of another, everything sealed again."""
    private = Ed25519PrivateKey.generate()
    from datetime import UTC, datetime

    from sharedline.comply.evidence.heads import public_pem, sign

    head = sign(7, leaf_hash(b"x"), datetime(2026, 9, 30, tzinfo=UTC), None, private)
    (copied / "evidence" / "head.json").write_bytes(head.line + b"\n")
    (copied / "evidence" / "key.pem").write_bytes(public_pem(private.public_key()))
    seal(copied)
    with pytest.raises(Wrong, match="line 1: it does not lead to the head"):
        verify(copied, say=nothing)


def test_a_log_that_grows_meanwhile_does_no_harm(tmp_path: Path) -> None:
    log = made.log(tmp_path / "log")
    log.store.append([{"kind": "note", "statement": "Later.", "observed": made.AS_OF}])
    build(made.inputs(evidence=log), tmp_path / "audit")
    heard: list[str] = []
    verify(tmp_path / "audit", say=heard.append)
    assert any(h.startswith("5 items") for h in heard)


def test_exit_codes_and_words(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verifier.main([str(copied)]) == 0
    assert "Not checked: that the manifest is the one" in capsys.readouterr().out
    (copied / "index.html").write_text("")
    assert verifier.main([str(copied)]) == 1
    assert capsys.readouterr().err == "WRONG: index.html: it is not what the manifest says\n"
    assert verifier.main([str(copied / "nowhere")]) == 1
    (copied.parent / "no.zip").write_text("no zip")
    assert verifier.main([str(copied.parent / "no.zip")]) == 1


@settings(max_examples=60)
@given(st.integers(1, 70), st.data())
def test_proofs_of_our_tree_are_followed(size: int, data: st.DataObject) -> None:
    tree = Tree(leaf_hash(b"%d" % n) for n in range(size))
    index = data.draw(st.integers(0, size - 1))
    path = list(tree.inclusion(index, size))
    leaf, root = tree.leaf(index), tree.root()
    assert verifier.leads_to(index, size, leaf, path, root)
    assert not verifier.leads_to(index, size, leaf_hash(b"x"), path, root)
    assert not verifier.leads_to(index, size, leaf, [*path, leaf], root)
    if path:
        assert not verifier.leads_to(index, size, leaf, path[:-1], root)


@settings(max_examples=15)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_signatures_are_judged_as_the_library_does(seed: bytes, message: bytes, bit: int) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = private.sign(message)
    assert verifier.is_signed(public, signature, message)
    assert not verifier.is_signed(public, signature, message + b".")
    hurt = bytearray(signature)
    hurt[bit // 8] ^= 1 << bit % 8
    assert not verifier.is_signed(public, bytes(hurt), message)


def test_a_signature_of_rfc_8032() -> None:
    """The second vector of section 7.1."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert verifier.is_signed(public, signature, b"\x72")
    assert not verifier.is_signed(public, signature, b"\x73")
    assert not verifier.is_signed(b"\xff" * 32, signature, b"\x72")
    assert not verifier.is_signed(public, signature[:63], b"\x72")
