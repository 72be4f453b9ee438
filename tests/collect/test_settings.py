"""Credentials among named settings: what is one, what only points at one, and what is kept."""

from __future__ import annotations

import pytest

from sharedline.collect.settings import kind_of, kinds_by_name, kinds_in_pairs
from sharedline.collect.table import Table
from sharedline.collect.tables.ecs import ECS_CONTAINER
from sharedline.collect.tables.lambda_ import LAMBDA_FUNCTION

CONTEXT = {"account_id": "111111111111", "region": "eu-west-1", "partition": "aws"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "correct-horse"),
        ("dbPassword", "correct-horse"),
        ("MASTER_KEY", "0123456789abcdef0123456789abcdef"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("SETTINGS", '{"user": "app", "password": "correct-horse"}'),
        ("DATABASE_URL", "postgres://app:correct-horse@db.internal:5432/app"),
        ("UPSTREAM", "https://app:correct-horse@example.org/"),
        ("PEM", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
        ("ANYTHING", "AKIAIOSFODNN7EXAMPLE"),
        ("GITHUB", "ghp_" + "a1B2" * 9),
    ],
)
def test_credentials_are_recognised(name: str, value: str) -> None:
    assert kind_of(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "debug"),
        ("DB_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf"),
        ("DB_PASSWORD", "{{resolve:secretsmanager:db}}"),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "/prod/db/password"),
        ("DB_SECRET", "prod/db/main"),
        ("DB_PASSWORD", ""),
        ("SECRET_NAME", "db-main"),
        ("TOKEN_TTL", "3600"),
        ("TOKEN_URL", "https://login.example.org/oauth2/token"),
        ("AUTH_TOKEN", "https://login.example.org/oauth2/token"),
        ("MAX_TOKENS", "4096"),
        ("PUBLIC_KEY", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"),
        ("COMPASS_MODE", "north-by-northwest"),
        ("USE_PASSWORD", "true"),
    ],
)
def test_settings_and_references_are_not(name: str, value: str) -> None:
    assert kind_of(name, value) == ""


def test_names_and_kinds_leave_and_values_do_not() -> None:
    found = kinds_by_name({"DB_PASSWORD": "correct-horse", "LOG_LEVEL": "debug"})
    assert list(found) == ["DB_PASSWORD"]
    assert "correct-horse" not in str(found)
    pairs = [{"name": "DB_PASSWORD", "value": "correct-horse"}, {"name": "EMPTY"}]
    assert list(kinds_in_pairs(pairs)) == ["DB_PASSWORD"]


def test_an_environment_that_lambda_cannot_decrypt_is_unknown_not_empty() -> None:
    assert LAMBDA_FUNCTION.transform
    error = {"ErrorCode": "AccessDeniedException", "Message": "kms:Decrypt"}
    item = {"FunctionName": "f", "Environment": {"Error": error}}
    (function,) = LAMBDA_FUNCTION.transform(item, CONTEXT)
    assert function["EnvironmentError"] == "AccessDeniedException"
    assert "EnvironmentSecrets" not in function
    (empty,) = LAMBDA_FUNCTION.transform({"FunctionName": "f"}, CONTEXT)
    assert empty["EnvironmentSecrets"] == {}


@pytest.mark.parametrize("table", [LAMBDA_FUNCTION, ECS_CONTAINER], ids=lambda t: t.name)
def test_transformed_items_no_longer_carry_the_environment(table: Table) -> None:
    environments: dict[str, dict[str, object]] = {
        "lambda_function": {"Environment": {"Variables": {"DB_PASSWORD": "correct-horse"}}},
        "ecs_container": {"environment": [{"name": "DB_PASSWORD", "value": "correct-horse"}]},
    }
    assert table.transform
    (kept,) = table.transform(environments[table.name], CONTEXT)
    assert kept["EnvironmentNames"] == ["DB_PASSWORD"]
    assert "correct-horse" not in str(kept)
