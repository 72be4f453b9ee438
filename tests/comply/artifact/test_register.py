"""The register: what is written is read again, and nothing else is."""

from __future__ import annotations

import json
import stat
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.comply.artifact.made import ACCEPTED, ISO, NOW, SOC, register, report

from sharedline.comply.artifact import register as store
from sharedline.comply.artifact.model import Agreement, Register, Report, Terms, Unread, merged
from sharedline.comply.artifact.register import dumps, open_register, update
from sharedline.errors import ConfigError

TEXT = st.text(max_size=40)
DAYS = st.none() | st.dates()
REPORTS = st.builds(
    Report,
    id=st.text(min_size=1, max_size=30),
    version=st.integers(0, 99),
    name=st.text(min_size=1, max_size=40),
    series=TEXT,
    company=TEXT,
    period_start=DAYS,
    period_end=DAYS,
    terms=st.none() | st.builds(Terms, accepted_by=TEXT, accepted_at=st.just(NOW)),
)


def test_none_yet_is_empty(tmp_path: Path) -> None:
    assert open_register(tmp_path / "artifact") == Register()


@given(st.lists(REPORTS, max_size=5, unique_by=lambda r: r.key))
def test_round_trip(reports: list[Report]) -> None:
    text = dumps(Register().with_reports(reports))
    again = store._register(json.loads(text), "x")
    assert again == Register().with_reports(reports)
    assert dumps(again) == text


def test_the_same_whatever_the_order() -> None:
    a, b = report(id=ISO, name="ISO 27001"), report()
    assert dumps(register(a, b)) == dumps(register(b, a))


def test_written_for_the_owner_alone_and_nothing_left_behind(tmp_path: Path) -> None:
    update(tmp_path, lambda r: r.with_reports([report()]))
    assert stat.S_IMODE((tmp_path / "register.json").stat().st_mode) == 0o600
    assert {p.name for p in tmp_path.iterdir()} == {"register.json", "files"}
    assert (tmp_path / "files" / ".gitignore").read_text().splitlines()[-1] == "*"


def test_half_written_is_never_seen(tmp_path: Path) -> None:
    update(tmp_path, lambda r: r.with_reports([report()]))
    before = (tmp_path / "register.json").read_bytes()

    def fail(found: Register) -> Register:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        update(tmp_path, fail)
    assert (tmp_path / "register.json").read_bytes() == before


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    def add(n: int) -> None:
        update(tmp_path, lambda r: r.with_reports([report(id=f"report-{n:016d}")]))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_register(tmp_path).reports) == 8


GOOD = {"schema": "sharedline-artifact-1", "reports": [{"id": SOC, "version": 1, "name": "x"}]}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": "else"}, "not a register"),
        ({"more": 1}, "no key 'more'"),
        ({"reports": {}}, "not a list"),
        ({"reports": [1]}, "not an object"),
        ({"reports": [{"id": SOC, "name": "x"}]}, "lacks version"),
        ({"reports": [{**GOOD["reports"][0], "extra": 1}]}, "no key 'extra'"),  # type: ignore[dict-item]
        ({"reports": GOOD["reports"] * 2}, "there twice"),  # type: ignore[operator]
        ({"fetched": "yesterday"}, "is no date"),
        ({"fetched": "2026-11-22T12:00:00"}, "is no date"),
    ],
)
def test_malformed_is_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    (tmp_path / "register.json").write_text(json.dumps({**GOOD, **change}))
    with pytest.raises(ConfigError, match=says):
        open_register(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", True),
        ("version", -1),
        ("version", "1"),
        ("name", 3),
        ("name", "x" * 5000),
        ("sha256", "abc"),
        ("sha256", "a" * 64),  # without a file
        ("period_end", "2026-02-30"),
        ("period_end", 20260101),
        ("file", "../../etc/passwd"),
        ("file", ".hidden"),
        ("file", "a/b.pdf"),
        ("where", "elsewhere"),
        ("terms", []),
        ("terms", {"accepted_at": "now"}),
        ("bytes", 1 << 60),
    ],
)
def test_a_field_of_the_wrong_kind_is_refused(tmp_path: Path, field: str, value: object) -> None:
    entry = {"id": SOC, "version": 1, "name": "x", field: value}
    (tmp_path / "register.json").write_text(json.dumps({**GOOD, "reports": [entry]}))
    with pytest.raises(ConfigError):
        open_register(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, '{"a": NaN', "\ud800"])
def test_no_json_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "register.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError):
        open_register(tmp_path)


def test_hostile_names_survive_and_break_nothing(tmp_path: Path) -> None:
    name = '\x1b[31m"},{"id":"\u202e=cmd()|\n'
    update(tmp_path, lambda r: r.with_reports([report(name=name)]))
    assert open_register(tmp_path).reports[0].name == name


def test_a_listing_takes_neither_bytes_nor_acceptance_away() -> None:
    held = report(received=NOW, where="artifact")
    listed = report(on_file=False, name="renamed", where="folder", state="UNPUBLISHED")
    new = merged(held, listed)
    assert (new.sha256, new.terms, new.where) == (held.sha256, held.terms, "artifact")
    assert (new.name, new.state) == ("renamed", "UNPUBLISHED")


def test_new_terms_do_not_undo_those_that_were_accepted() -> None:
    again = report(on_file=False, terms=Terms("c" * 64, "t.pdf", NOW))
    assert merged(report(), again).terms == ACCEPTED


def test_bytes_fetched_again_replace_the_old() -> None:
    assert merged(report(), report(sha256="d" * 64)).sha256 == "d" * 64


def test_newest_version_is_found() -> None:
    both = register(report(version=1), report(version=3))
    found = both.find(SOC)
    assert found is not None
    assert found.version == 3
    assert both.find(SOC, 2) is None
    assert both.find("else") is None


@pytest.mark.parametrize(
    ("agreement", "bound"),
    [
        (Agreement("a", "n", state="ACTIVE"), True),
        (Agreement("a", "n", state="ACTIVE", effective_start=date(2027, 1, 1)), False),
        (Agreement("a", "n", state="CUSTOMER_TERMINATED"), False),
        (Agreement("a", "n", state="AWS_TERMINATED", effective_end=date(2026, 1, 1)), False),
        (Agreement("a", "n", state="AWS_TERMINATED", effective_end=date(2026, 12, 1)), True),
    ],
)
def test_an_agreement_binds_while_it_is_active(agreement: Agreement, bound: bool) -> None:
    assert agreement.active_on(date(2026, 6, 1)) is bound


def test_unread_calls_are_kept(tmp_path: Path) -> None:
    update(tmp_path, lambda r: replace(r, unread=(Unread("ListReports", "", "Denied", NOW),)))
    assert open_register(tmp_path).unread == (Unread("ListReports", "", "Denied", NOW),)
