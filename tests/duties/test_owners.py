"""Owner rules: the last that matches wins, each condition, and what is wrong with a register."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sharedline.duties.owners import Scope, like, load, ou_paths_of, owner_sql
from sharedline.errors import ConfigError
from sharedline.inventory.engines import Duck

TEAMS = "[team.a]\n[team.b]\nperson = 'Bea'\ncontact = 'b@x'\n"
ROW = {"resource": "arn:aws:s3:::my_bucket", "account_id": "1", "region": "eu-west-1",
       "tags": '{"team": "b", "a/b~c": "x"}'}


def owner(tmp_path: Path, rules: str, service: str = "s3", duty: str = "data.exposure",
          **row: Any) -> str:
    (tmp_path / "owners.toml").write_text(TEAMS + rules)
    scope = Scope(service, duty, {"1": "Workloads/Production"})
    sql = owner_sql(load(tmp_path / "owners.toml"), scope)
    duck = Duck()
    try:
        duck.rows("t", [{**ROW, **row}], dict.fromkeys(ROW, "string"))
        return str(duck.query(f'select {sql} as o from "t"').to_pylist()[0]["o"])
    finally:
        duck.close()


@pytest.mark.parametrize(
    ("rules", "who"),
    [
        ("", "nobody"),
        ("[[rule]]\nteam='a'\n", "a"),
        ("[[rule]]\nteam='a'\n[[rule]]\nteam='b'\n", "b"),
        ("[[rule]]\nteam='a'\n[[rule]]\nteam='b'\nservice='ec2'\n", "a"),
        ("[[rule]]\nteam='a'\nservice=['ec2','s*']\n", "a"),
        ("[[rule]]\nteam='a'\nduty='identity.*'\n", "nobody"),
        ("[[rule]]\nteam='a'\nduty='data.*'\n", "a"),
        ("[[rule]]\nteam='a'\naccount='2'\n", "nobody"),
        ("[[rule]]\nteam='a'\naccount=['1','2']\nregion='eu-*'\n", "a"),
        ("[[rule]]\nteam='a'\nresource='arn:aws:s3:::my_*'\n", "a"),
        ("[[rule]]\nteam='a'\nresource='arn:aws:s3:::my?buckets'\n", "nobody"),
        ("[[rule]]\nteam='a'\nou='Workloads'\n", "a"),
        ("[[rule]]\nteam='a'\nou='Workloads/Test'\n", "nobody"),
        ("[[rule]]\nteam='a'\ntag={team='b'}\n", "a"),
        ("[[rule]]\nteam='a'\ntag={team='c'}\n", "nobody"),
        ("[[rule]]\nteam='a'\ntag={'a/b~c'='x'}\n", "a"),
        ("[[rule]]\nteam='a'\n[[rule]]\nteam_from_tag='team'\n", "b"),
        ("[[rule]]\nteam='a'\n[[rule]]\nteam='nobody'\nservice='s3'\n", "nobody"),
    ],
)
def test_a_rule(tmp_path: Path, rules: str, who: str) -> None:
    assert owner(tmp_path, rules) == who


def test_a_tag_names_only_a_declared_team(tmp_path: Path) -> None:
    rules = "[[rule]]\nteam='a'\n[[rule]]\nteam_from_tag='team'\n"
    assert owner(tmp_path, rules, tags='{"team": "strangers"}') == "a"
    assert owner(tmp_path, rules, tags=None) == "a"


def test_like_takes_names_as_they_are() -> None:
    duck = Duck()
    try:
        for glob, value, matches in (
            ("a_b*", "a_bc", True), ("a_b*", "axbc", False), ("100%?", "100%x", True),
            ("100%?", "1000x", False), ("it's*", "it's me", True), ("a\\*", "a\\b", True),
        ):
            sql = f"select {like('x', [glob])} as m from (select $v as x)"
            sql = sql.replace("$v", "'" + value.replace("'", "''") + "'")
            assert duck.query(sql).to_pylist() == [{"m": matches}], glob
    finally:
        duck.close()


def test_paths_of_units() -> None:
    units = [{"id": "ou-1", "name": "Workloads", "parent_id": "r-1"},
             {"id": "ou-2", "name": "Production", "parent_id": "ou-1"},
             {"id": "ou-3", "name": "Loop", "parent_id": "ou-3"}]
    accounts: list[dict[str, Any]] = [{"id": "1", "parent_id": "ou-2"}, {"id": "2", "parent_id": "r-1"},
                {"id": "3", "parent_id": None}, {"id": "4", "parent_id": "ou-9"},
                {"id": "5", "parent_id": "ou-3"}]
    assert ou_paths_of(accounts, units) == {"1": "Workloads/Production", "2": ""}


def test_what_a_register_reads(tmp_path: Path) -> None:
    path = tmp_path / "owners.toml"
    assert load(path).rules == ()
    path.write_text(TEAMS + "[[rule]]\nteam='a'\n")
    assert not load(path).reads_tags
    assert not load(path).reads_units
    assert load(path).teams["b"].person == "Bea"
    path.write_text(TEAMS + "[[rule]]\nteam='a'\nou='x'\n[[rule]]\nteam_from_tag='t'\n")
    assert load(path).reads_tags
    assert load(path).reads_units


def test_an_error_names_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "owners.toml"
    path.write_text(TEAMS + "[[rule]]\nteam='a'\n[[rule]]\nteam='c'\n")
    with pytest.raises(ConfigError, match="rule 2: there is no team 'c'") as raised:
        load(path)
    assert raised.value.advice == "Declare it; teams: a, b."
