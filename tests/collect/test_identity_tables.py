"""The credential report: waiting for it, and what its lines mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sharedline.collect.catalogue import shipped
from sharedline.collect.schema import problems
from sharedline.collect.tables.iam import IAM_SERVICE_LAST_ACCESSED
from sharedline.collect.tables.iam_credentials import (
    PAUSES,
    generate_credential_report,
    report_rows,
)

HEAD = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n"
)
CONTEXT = {"account_id": "111111111111", "region": "global", "partition": "aws"}
PREFIXES = ("account", "iam_", "organizations_", "accessanalyzer_", "cognito_", "sso_")


class Client:
    """Answers GenerateCredentialReport with the given states, the last one for ever."""

    def __init__(self, *states: str) -> None:
        self.states, self.asked = list(states), 0

    def call(self, operation: str) -> dict[str, str]:
        assert operation == "GenerateCredentialReport"
        self.asked += 1
        return {"State": self.states.pop(0) if len(self.states) > 1 else self.states[0]}


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    pauses: list[float] = []
    monkeypatch.setattr("sharedline.collect.tables.iam_credentials.time.sleep", pauses.append)
    yield pauses


def test_a_report_that_is_there_is_not_waited_for(slept: list[float]) -> None:
    client = Client("COMPLETE")
    generate_credential_report(client)
    assert (client.asked, slept) == (1, [])


def test_a_report_in_the_making_is_asked_for_with_pauses(slept: list[float]) -> None:
    client = Client("STARTED", "INPROGRESS", "COMPLETE")
    generate_credential_report(client)
    assert client.asked == 3
    assert all(pause >= 1 for pause in slept)


def test_a_report_that_never_comes_ends_the_wait(slept: list[float]) -> None:
    client = Client("STARTED")
    generate_credential_report(client)
    assert client.asked == len(PAUSES)
    assert sum(slept) <= 120


def _rows(*lines: str) -> list[dict[str, Any]]:
    content = (HEAD + "\n".join(lines)).encode()
    return list(report_rows({"Content": content}, CONTEXT))


def test_words_for_nothing_are_not_dates() -> None:
    (row,) = _rows("a,arn:a,2024-01-01T00:00:00+00:00,TRUE,no_information,N/A,FALSE"
                   ",false,N/A,N/A,false,N/A,N/A")  # fmt: skip
    assert (row["PasswordEnabled"], row["MfaActive"], row["Key1Active"]) == (True, False, False)
    assert (row["PasswordLastUsed"], row["PasswordLastChanged"]) == (None, None)
    assert row["Keys"] == []


def test_what_the_report_does_not_support_is_unknown() -> None:
    (row,) = _rows("<root_account>,arn:root,2024-01-01T00:00:00+00:00,not_supported,N/A"
                   ",not_supported,true,false,N/A,N/A,false,N/A,N/A")  # fmt: skip
    assert row["PasswordEnabled"] is None
    assert row["MfaActive"] is True


def test_keys_become_rows() -> None:
    date = "2025-01-01T00:00:00+00:00"
    (row,) = _rows(f"a,arn:a,{date},false,N/A,N/A,false,true,{date},N/A,false,{date},{date}")
    keys = [(key["Number"], key["Active"], key["LastUsed"]) for key in row["Keys"]]
    assert keys == [(1, True, None), (2, False, date)]


def test_a_job_that_still_runs_is_no_empty_answer() -> None:
    transform = IAM_SERVICE_LAST_ACCESSED.transform
    assert transform is not None
    assert list(transform({"JobStatus": "IN_PROGRESS"}, CONTEXT)) == [{"JobStatus": "IN_PROGRESS"}]
    services = [{"ServiceNamespace": "s3"}]
    answer = {"JobStatus": "COMPLETED", "JobCompletionDate": "2026-11-21T12:00:00Z"}
    done = transform({**answer, "ServicesLastAccessed": services}, CONTEXT)
    assert list(done) == [{"ServiceNamespace": "s3", **answer}]


@pytest.mark.parametrize("name", [n for n in shipped() if n.startswith(PREFIXES)])
def test_declarations_are_right(name: str) -> None:
    assert list(problems(shipped()[name], shipped())) == []
