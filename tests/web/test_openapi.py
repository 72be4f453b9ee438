"""The API against its own document: schemathesis asks whatever the document allows, and more."""

from __future__ import annotations

import contextlib
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.browse import made

from sharedline.people import accounts, tokens
from sharedline.people.model import Role
from sharedline.project import Project
from sharedline.state.database import Database
from sharedline.web.app import create_app
from sharedline.web.site import Site, now
from sharedline.web.views import acting

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: Of each operation so many that the document allows, and as many that it does not.
EXAMPLES = 12
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The application over a small estate, and an administrator's token."""
    monkeypatch.setattr(acting, "ACTS", 10**6)
    project: Project = made.scan(tmp_path, made.rows(60, made.AS_OF, seed=3))
    with closing(Site(project, Database(project.database_url))) as site:
        with site.database.begin() as connection:
            accounts.add(connection, "ada", "Ada", "", Role.ADMIN, (), "a long enough phrase")
            person = accounts.get(connection, "ada")
            assert person is not None
            token = tokens.make(connection, person, "t", 1, now())[1]
        yield create_app(site), token


def _operations(schema: Any) -> list[Any]:
    return [found.ok() for found in schema.get_all_operations()]


def test_no_answer_is_an_error_or_undocumented(asked: tuple[Any, str]) -> None:
    app, token = asked
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    operations = _operations(schema)
    assert len(operations) >= 10
    answered: set[int] = set()
    wrong: list[str] = []
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                answered |= _ask(operation, mode, token)
            except FailureGroup as found:
                wrong += [f"{operation.label}: {one.message}" for one in found.exceptions]
    assert not wrong, "\n".join(wrong)
    assert {200, 400, 404, 422} <= answered
    assert max(answered) < 500


def _ask(operation: Any, mode: GenerationMode, token: str) -> set[int]:
    seen: set[int] = set()

    @SETTINGS
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        headers = {"authorization": f"Bearer {token}"}
        seen.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    # Where nothing is sent, or any text will do, there is nothing wrong to send.
    free = contextlib.suppress(hypothesis.errors.Unsatisfiable)
    with free if mode is GenerationMode.NEGATIVE else contextlib.nullcontext():
        ask()
    return seen


def test_the_document_says_who_may_ask_and_what_errors_look_like(asked: tuple[Any, str]) -> None:
    document = asked[0].openapi()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    paths = {p: o for p, o in document["paths"].items() if not p.startswith("/api/v1/exercise")}
    assert {"/api/v1/gaps", "/api/v1/matrix/{service}/{duty}", "/api/v1/waivers"} <= set(paths)
    managing = {"/people", "/people/{name}/tokens/{token_id}", "/teams/{team}", "/audit", "/me"}
    assert {f"/api/v1{path}" for path in managing} <= set(paths)
    for path, methods in paths.items():
        for method, told in methods.items():
            assert told["security"] == [{"token": []}], (path, method)
            for status in ("400", "401", "403", "422", "429"):
                schema = told["responses"][status]["content"]["application/json"]["schema"]
                assert schema["$ref"].endswith("/Problem"), (path, method, status)
