"""Waivers: read, added by a command, in force until their last day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sharedline.duties.waivers import append, load, waived_sql
from sharedline.inventory.engines import Duck
from sharedline.model import Waiver

ANY = Waiver("It's fine", "Grace", date(2026, 12, 31), check="s3/*")


def reason(waiver: Waiver, today: date, check: str = "s3/x", duty: str = "data.exposure",
           account: str = "1") -> str | None:
    sql = waived_sql([waiver], check, duty, today)
    duck = Duck()
    try:
        duck.rows("t", [{"resource": "arn:aws:s3:::a", "account_id": account}],
                  {"resource": "string", "account_id": "string"})
        found = duck.query(f'select {sql} as w from "t"').to_pylist()[0]["w"]
    finally:
        duck.close()
    return None if found is None else str(found)


def test_in_force_to_the_end_of_its_last_day() -> None:
    assert reason(ANY, date(2026, 12, 31)) == "It's fine (approved by Grace until 2026-12-31)"
    assert reason(ANY, date(2027, 1, 1)) is None


def test_every_condition_must_hold() -> None:
    today = date(2026, 11, 21)
    assert reason(ANY, today, check="sqs/x") is None
    narrow = Waiver("r", "a", date(2027, 1, 1), "*", "data.*", "arn:aws:s3:::a", "1")
    assert reason(narrow, today) is not None
    assert reason(narrow, today, duty="identity.mfa") is None
    assert reason(narrow, today, account="2") is None


@pytest.mark.parametrize("text", ["plain", 'quo"te', "new\nline", "back\\slash", "\x1b[31m\x7f",
                                  "👍 漢", "[[waiver]]\n", "#", "'''"])
def test_what_is_added_reads_back_as_it_was(tmp_path: Path, text: str) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text("# kept as it is\n")
    made = Waiver(text, text, date(2027, 1, 31), resource=text)
    append(path, made)
    append(path, ANY)
    assert load(path) == [made, ANY]
    assert path.read_text().startswith("# kept as it is\n")


def test_expired_ones_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    append(path, Waiver("r", "a", date(2020, 1, 1), "s3/*"))
    assert [w.expires for w in load(path)] == [date(2020, 1, 1)]
    assert load(tmp_path / "none.toml") == []
