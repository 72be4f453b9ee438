"""The table `escalation_path`: one row for each principal that is no administrator."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from sharedline.derive.escalation_path import COLUMNS, ESCALATION_PATH


def _small() -> Any:
    path = Path(__file__).parents[1] / "iam" / "escalation" / "small.py"
    spec = importlib.util.spec_from_file_location("beside_small", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = _small()


def rows(estate: dict[str, dict[str, Any]], **options: Any) -> dict[str, dict[str, Any]]:
    # Each table may be read once.
    tables = {name: iter(found) for name, found in SMALL.tables(estate, **options).items()}
    return {row["arn"].rpartition(":")[2]: row for row in ESCALATION_PATH.run(tables)}


ESTATE: dict[str, dict[str, Any]] = {
    "user/dev": {"allow": ["sts:AssumeRole on role/ci"]},
    "role/ci": {"allow": ["iam:PassRole on role/boss", "lambda:* on *"], "trust": "account"},
    "role/boss": {"allow": ["* on *"], "trust": "lambda.amazonaws.com"},
    "user/idle": {"allow": ["codebuild:StartBuild on *"]},
    "user/mfa": {"allow": ["sts:AssumeRole on role/night"]},
    "role/night": {"allow": ["* on *"], "trust": "account if Bool aws:MultiFactorAuthPresent true"},
    "user/etl": {"allow": ["glue:UpdateDevEndpoint on *"]},
    "role/glue": {"allow": ["* on *"], "trust": "glue.amazonaws.com"},
    "policy/bound": {"allow": ["s3:*, iam:Attach* on *"]},
    "user/tied": {"allow": ["iam:AttachUserPolicy on user/tied"], "boundary": "policy/bound"},
}


def test_everybody_but_administrators_has_a_row() -> None:
    found = rows(ESTATE)
    assert found.keys() == {
        *("user/dev", "user/idle", "user/mfa", "user/etl", "user/tied", "role/ci"),
    }
    for row in found.values():
        assert row.keys() >= COLUMNS.keys()
        assert row["table_name"] == ("iam_role" if "role/" in row["arn"] else "iam_user")
        json.loads(row["evidence"])


def test_a_way_is_told_with_its_end_and_its_statements() -> None:
    row = rows(ESTATE)["user/dev"]
    assert (row["reaches_admin"], row["answer"], row["hops"]) == (True, "yes", 2)
    assert row["via"] == "sts/assume-role, lambda/create-and-invoke"
    assert row["target"] == SMALL.arn("role/boss")
    assert row["path"] == (
        "user dev → (sts/assume-role) role ci → (lambda/create-and-invoke) role boss"
    )
    hops = json.loads(row["evidence"])
    assert [hop["from"] for hop in hops] == ["user dev", "role ci"]
    assert hops[0]["permissions"][0]["statements"][0]["statement"] == "number 1"


def test_what_depends_or_is_not_known_is_null() -> None:
    found = rows(ESTATE)
    assert found["user/mfa"]["reaches_admin"] is None
    assert found["user/mfa"]["conditions"] == "Bool aws:multifactorauthpresent true"
    assert found["user/etl"]["reaches_admin"] is None
    assert found["user/etl"]["unknown"] == "glue_dev_endpoint was not read"


def test_what_keeps_a_grant_from_leading_on_is_said() -> None:
    found = rows(ESTATE)
    assert found["user/idle"]["reaches_admin"] is False
    assert found["user/idle"]["blocked_by"] == (
        "codebuild/start-build: no codebuild project that it may use has a role"
    )
    assert found["user/tied"]["reaches_admin"] is False
    assert found["user/tied"]["blocked_by"] == (
        "iam/attach-user-policy: iam:PutRolePolicy: No permissions boundary allows it."
    )


def test_without_the_policies_of_roles_nothing_is_said_to_be_safe() -> None:
    found = rows(ESTATE, unread=("iam_role_policy", "iam_user_policy"))
    assert {row["reaches_admin"] for row in found.values()} == {None}
    assert all(row["unknown"] for row in found.values())
