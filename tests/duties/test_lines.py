"""Every duty and line of the catalogue: sourced, dated, reachable, and its condition runs."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from sharedline.checks.load import load as load_checks
from sharedline.checks.schemas import schemas
from sharedline.checks.sql import understood
from sharedline.collect.table import STANDARD
from sharedline.duties.catalogue import ALL, CATEGORIES, canonical, load
from sharedline.duties.side import columns_read, index_sql, lines_of
from sharedline.inventory.engines import Duck
from sharedline.model import Line, Side

CATALOGUE = load()
LINES = [
    (f"{service.id}-{number}-{line.duty}", line)
    for service in CATALOGUE.services.values()
    for number, line in enumerate(service.lines, 1)
]
DEFAULTS = [
    (f"{name}-{line.duty}", line) for name, lines in CATALOGUE.categories.items() for line in lines
]
CONDITIONS = [(name, line) for name, line in LINES if line.when]
_HOSTS = {"docs.aws.amazon.com", "aws.amazon.com"}
_WANTED = frozenset(
    (
        *("ec2", "ebs", "vpc", "elb", "autoscaling", "lambda", "ecs", "eks", "ecr", "s3", "efs"),
        *("rds", "aurora", "dynamodb", "redshift", "elasticache", "opensearch", "kms", "cloudhsm"),
        *("secretsmanager", "iam", "cognito", "cloudfront", "apigateway", "sns", "sqs"),
        *("workspaces", "lightsail", "outposts"),
    )
)


def _lines(given: list[tuple[str, Line]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("line", [x for _, x in given], ids=[name for name, _ in given])


def test_the_services_that_were_promised_are_reviewed() -> None:
    assert set(CATALOGUE.services) >= _WANTED
    assert len(set(CATALOGUE.services) - {ALL}) >= 25


@_lines([*LINES, *DEFAULTS])
def test_a_line_is_sourced_and_says_both_halves(line: Line) -> None:
    url = urlsplit(line.source)
    assert url.scheme == "https"
    assert url.hostname in _HOSTS
    assert len(url.path) > 1
    assert line.read <= datetime.now(UTC).date()
    assert line.duty in CATALOGUE.duties
    assert line.side is not Side.UNKNOWN
    for text in filter(None, (line.aws, line.you)):
        assert text[0].isupper()
        assert text.endswith(".")
    assert (line.side is Side.CUSTOMER) or line.aws
    assert (line.side is Side.AWS) or line.you


@pytest.mark.parametrize("duty_id", CATALOGUE.duties)
def test_a_duty_is_sourced_and_worded(duty_id: str) -> None:
    duty = CATALOGUE.duties[duty_id]
    url = urlsplit(duty.source)
    assert (url.scheme, url.hostname in _HOSTS) == ("https", True)
    assert duty.read <= datetime.now(UTC).date()
    assert duty.title
    assert duty.what.endswith(".")
    assert duty.usual_side is not Side.AWS or duty.aws
    assert duty.usual_side is not Side.CUSTOMER or duty.you
    assert duty.usual_side is not Side.SHARED or (duty.aws and duty.you)


@_lines(CONDITIONS)
def test_a_condition_reads_columns_of_its_table(line: Line) -> None:
    columns = schemas()(line.table)
    assert columns is not None, f"there is no table {line.table}"
    assert columns_read(line) <= set(columns)


@_lines(CONDITIONS)
def test_a_condition_runs_and_is_unknown_of_what_is_unknown(line: Line) -> None:
    columns = schemas()(line.table) or {}
    duck = Duck()
    sql = f'select {index_sql([line], line.table, "t")} as position from "{line.table}" t'
    try:
        duck.rows(line.table, [], columns)
        assert duck.query(sql).num_rows == 0
        duck.rows(line.table, [{"arn": "arn:x"}], columns)
        row = duck.query(f'select ({line.when}) as met from "{line.table}"').to_pylist()[0]
        assert row["met"] in (None, True, False)
        if columns_read(line) - set(STANDARD):
            assert row["met"] is None
            assert duck.query(sql).to_pylist() == [{"position": -1}]
    finally:
        duck.close()


@pytest.mark.parametrize("service", sorted(set(CATALOGUE.services) - {ALL}))
def test_no_line_hides_behind_another(service: str) -> None:
    """Entries are tried in order: for each table, one after an entry that always holds is dead."""
    for duty, drawn in lines_of(CATALOGUE, service).items():
        seen: set[tuple[str, str]] = set()
        for line in drawn.lines:
            condition = "" if line.when.strip().lower() == "true" else line.when
            hidden = {("", ""), (line.table, ""), (line.table, condition)} & seen
            assert not hidden, f"{duty}: {line.table} {line.when}"
            seen.add((line.table, condition))


@pytest.mark.parametrize("service", sorted(set(CATALOGUE.services) - {ALL}))
def test_the_tables_of_a_service_exist_and_belong_to_it_alone(service: str) -> None:
    tables = CATALOGUE.services[service].tables
    missing = [t for t in tables if schemas()(t) is None]
    assert missing == []
    others = {t for s in CATALOGUE.services.values() if s.id != service for t in s.tables}
    assert set(tables) & others == set()
    assert {x.table for x in CATALOGUE.services[service].lines if x.table} <= set(tables)


def test_every_category_has_defaults() -> None:
    assert all(CATALOGUE.categories[name] for name in CATEGORIES)


def test_every_duty_is_named_by_a_check_or_a_line() -> None:
    named = {line.duty for _, line in [*LINES, *DEFAULTS]}
    named |= {check.duty for check in load_checks().values()}
    assert sorted(set(CATALOGUE.duties) - named) == []


def test_every_check_judges_a_duty_that_some_line_gives_to_somebody() -> None:
    """A duty that a reviewed service says nothing of would fall on its usual side, unreviewed."""
    unsaid = set()
    for check in load_checks().values():
        population = understood(check, schemas()).population
        area = canonical(check.id.split("/")[0])
        of_account = population in ("account", "account_region") and area in CATALOGUE.services
        service = area if of_account else CATALOGUE.table_service.get(population, area)
        if service in CATALOGUE.services and check.duty not in lines_of(CATALOGUE, service):
            unsaid.add(f"{service}: {check.duty} ({check.id})")
    assert sorted(unsaid) == []
