"""Validation finds what was changed, deleted or left out, with keys and a chain of our own."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from moto import mock_aws

from sharedline.cli.main import main
from sharedline.trail.digests import Keys, keys_of_file
from sharedline.trail.sources import Aws
from sharedline.trail.validate import Verdict, fixed_keys, validate
from sharedline.trail.vault import Bucket, Folder

ACCOUNT, REGION = "111122223333", "eu-west-1"
START = datetime(2026, 11, 1, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PKCS1 = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
LISTED = {"PublicKeyList": [{"Value": base64.b64encode(PKCS1).decode(), "Fingerprint": "f1"}]}


@dataclass
class Logs:
    """A log bucket's objects with their metadata, as CloudTrail would deliver them."""

    objects: dict[str, bytes] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    digests: list[str] = field(default_factory=list)
    _previous: tuple[str, bytes, str] | None = None

    def log(self, hour: int, number: int) -> dict[str, str]:
        when = START + timedelta(hours=hour, minutes=10 * number)
        key = (
            f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{when:%Y/%m/%d}/"
            f"{ACCOUNT}_CloudTrail_{REGION}_{when:%Y%m%dT%H%MZ}_{number:04d}.json.gz"
        )
        content = json.dumps({"Records": [{"eventID": f"{hour}-{number}"}]}).encode()
        self.objects[key] = gzip.compress(content)
        sha = hashlib.sha256(content).hexdigest()
        return {"s3Bucket": "bbb", "s3Object": key, "hashValue": sha, "hashAlgorithm": "SHA-256"}

    def digest(self, hour: int, files: list[dict[str, str]], *, fresh: bool = False) -> str:
        start, end = START + timedelta(hours=hour), START + timedelta(hours=hour + 1)
        key = (
            f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/{end:%Y/%m/%d}/"
            f"{ACCOUNT}_CloudTrail-Digest_{REGION}_my_trail_{REGION}_{end:%Y%m%dT%H%M%SZ}.json.gz"
        )
        before = None if fresh else self._previous
        data = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "digestEndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "digestS3Bucket": "bbb",
            "digestS3Object": key,
            "digestPublicKeyFingerprint": "f1",
            "digestSignatureAlgorithm": "SHA256withRSA",
            "previousDigestS3Bucket": "bbb" if before else None,
            "previousDigestS3Object": before[0] if before else None,
            "previousDigestHashValue": hashlib.sha256(before[1]).hexdigest() if before else None,
            "previousDigestSignature": before[2] if before else None,
            "logFiles": files,
        }
        content = json.dumps(data).encode()
        sha = hashlib.sha256(content).hexdigest()
        text = f"{data['digestEndTime']}\nbbb/{key}\n{sha}\n{before[2] if before else 'null'}"
        signature = KEY.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
        self.objects[key] = gzip.compress(content)
        self.signatures[key] = signature
        self.digests.append(key)
        self._previous = (key, content, signature)
        return key

    def write(self, folder: Path) -> Path:
        for key, content in self.objects.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder


@pytest.fixture
def logs() -> Logs:
    found = Logs()
    for hour in range(5):
        found.digest(hour, [found.log(hour, n) for n in range(2)], fresh=not hour)
    return found


def checked(folder: Path) -> Verdict:
    return validate(Folder(folder), fixed_keys(Keys(LISTED["PublicKeyList"])))


def kinds(verdict: Verdict) -> list[str]:
    return sorted(p.kind for p in verdict.problems)


def test_an_untouched_copy_is_valid_but_for_the_newest_digest(logs: Logs, tmp_path: Path) -> None:
    verdict = checked(logs.write(tmp_path))
    assert (verdict.digests, verdict.signed, verdict.logs, verdict.valid) == (5, 4, 10, 10)
    assert [(p.kind, p.path) for p in verdict.problems] == [
        ("digest-unverified", str(tmp_path / logs.digests[-1]))
    ]
    assert not verdict.wrong
    assert (verdict.first, verdict.last) == ("2026-11-01T00:00:00Z", "2026-11-01T05:00:00Z")


def test_a_part_of_the_copy_can_be_given(logs: Logs, tmp_path: Path) -> None:
    logs.write(tmp_path)
    verdict = checked(tmp_path / "AWSLogs" / ACCOUNT)
    assert (verdict.signed, verdict.valid) == (4, 10)


def log_key(logs: Logs, index: int) -> str:
    return sorted(k for k in logs.objects if "/CloudTrail/" in k)[index]


def test_changed_and_deleted_logs_are_named(logs: Logs, tmp_path: Path) -> None:
    changed, gone, broken = (log_key(logs, n) for n in (1, 4, 6))
    logs.objects[changed] = gzip.compress(b'{"Records":[]}')
    logs.objects[broken] = logs.objects[broken][:-9]
    del logs.objects[gone]
    verdict = checked(logs.write(tmp_path))
    wrong = {p.path: p.kind for p in verdict.problems}
    assert wrong[f"s3://bbb/{changed}"] == "log-modified"
    assert wrong[f"s3://bbb/{broken}"] == "log-modified"
    assert wrong[f"s3://bbb/{gone}"] == "log-deleted"
    assert verdict.valid == 7
    assert verdict.wrong


def test_a_log_that_no_digest_names_was_put_there(logs: Logs, tmp_path: Path) -> None:
    logs.log(2, 3)
    assert "log-unlisted" in kinds(checked(logs.write(tmp_path)))


def test_a_deleted_digest_shows_in_the_next_and_as_a_gap(logs: Logs, tmp_path: Path) -> None:
    gone = logs.digests[2]
    del logs.objects[gone]
    verdict = checked(logs.write(tmp_path))
    assert kinds(verdict) == [
        "digest-deleted",
        *["digest-unverified"] * 2,  # the one before lost its signature with it
        "gap",
        *["log-unlisted"] * 2,
    ]
    assert f"s3://bbb/{gone}" in [p.path for p in verdict.problems]


def test_a_rewritten_digest_fails_even_if_it_hides_its_log(logs: Logs, tmp_path: Path) -> None:
    key = logs.digests[1]
    data = json.loads(gzip.decompress(logs.objects[key]))
    del logs.objects[data["logFiles"].pop()["s3Object"]]
    logs.objects[key] = gzip.compress(json.dumps(data).encode())
    verdict = checked(logs.write(tmp_path))
    assert (str(tmp_path / key), "digest-modified") in [(p.path, p.kind) for p in verdict.problems]


def test_a_restart_leaves_a_gap_that_is_told(tmp_path: Path) -> None:
    logs = Logs()
    logs.digest(0, [], fresh=True)
    logs.digest(7, [], fresh=True)
    logs.digest(8, [])
    [gap] = [p for p in checked(logs.write(tmp_path)).problems if p.kind == "gap"]
    assert "2026-11-01T01:00:00Z to 2026-11-01T07:00:00Z" in gap.reason
    assert "validation or logging was off" in gap.reason


def test_signatures_with_another_key_or_none_do_not_count(logs: Logs, tmp_path: Path) -> None:
    logs.write(tmp_path)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = other.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    wrong = fixed_keys(Keys([{"Value": der, "Fingerprint": "f1"}]))
    verdict = validate(Folder(tmp_path), wrong)
    assert kinds(verdict) == ["digest-modified"] * 4 + ["digest-unverified"]
    verdict = validate(Folder(tmp_path), fixed_keys(Keys()))
    assert kinds(verdict) == ["digest-unverified"] * 5
    assert verdict.signed == 0


def test_from_the_bucket_the_newest_is_verified_too(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="bbb")
        for key, content in logs.objects.items():
            metadata = {"signature": logs.signatures[key]} if key in logs.signatures else {}
            s3.put_object(Bucket="bbb", Key=key, Body=content, Metadata=metadata)
        keys = fixed_keys(Keys(LISTED["PublicKeyList"]))
        verdict = validate(Bucket("s3://bbb/AWSLogs/", Aws()), keys)
        assert (verdict.signed, verdict.valid, verdict.problems) == (5, 10, [])
        s3.delete_object(Bucket="bbb", Key=log_key(logs, 0))
        moved = logs.digests[0].replace("my_trail", "my_trails")
        s3.put_object(Bucket="bbb", Key=moved, Body=logs.objects[logs.digests[0]])
        s3.delete_object(Bucket="bbb", Key=logs.digests[0])
        verdict = validate(Bucket("s3://bbb", Aws()), keys)
        assert kinds(verdict) == ["digest-moved", "log-deleted"]


def test_the_command_says_it_and_its_exit_code(
    logs: Logs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = logs.write(tmp_path / "copy")
    (tmp_path / "keys.json").write_text(json.dumps(LISTED))
    assert "f1" in keys_of_file(tmp_path / "keys.json")

    def run(*more: str) -> tuple[Any, str]:
        with pytest.raises(SystemExit) as ended:
            main(
                [
                    "trail",
                    "validate",
                    str(folder),
                    "--dir",
                    str(tmp_path),
                    "--public-keys",
                    str(tmp_path / "keys.json"),
                    *more,
                ]
            )
        return ended.value.code, capsys.readouterr().out

    code, text = run()
    assert code == 3
    assert "4 of 5 digest files have a valid signature." in text
    assert "10 of 10 log files are as delivered." in text
    (folder / log_key(logs, 0)).unlink()
    code, text = run("--format", "json")
    assert code == 1
    assert [p["kind"] for p in json.loads(text)["problems"]].count("log-deleted") == 1
