"""Every table of the database of what changes; `migrations/` brings an older one up to this."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

META = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(sa.TypeDecorator[datetime]):
    """An aware time, in UTC whatever the database keeps; SQLite keeps it without its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """What is written: UTC, for SQLite without saying so."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002 asked for by SQLAlchemy
    ) -> datetime | None:
        """What is read: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _text(name: str, length: int | None = None, **more: Any) -> sa.Column[str]:
    kind: sa.types.TypeEngine[str] = sa.String(length) if length else sa.Text()
    return sa.Column(name, kind, nullable=False, **more)


def _time(name: str, *, maybe: bool = False, **more: Any) -> sa.Column[datetime]:
    return sa.Column(name, UtcTime(), nullable=maybe, **more)


def _of(name: str, target: str, kind: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.ForeignKey(target, ondelete="CASCADE"), nullable=False, **more)


# What people say of duties and findings.
ATTESTATION = sa.Table(
    "attestation", META, _id(), _text("duty", 80), _text("scope", 2048), _text("statement"),
    _text("evidence"), _text("by_whom", 200), _time("at"), _time("expires"),
)  # fmt: skip
CLAIM = sa.Table(
    "claim", META, _id(), _text("check_id", 200), _text("resource", 2048), _text("by_whom", 200),
    _text("note"), _time("at"),
)  # fmt: skip
COMMENT = sa.Table(
    "comment", META, _id(), _text("check_id", 200), _text("resource", 2048),
    _text("account_id", 12), _text("by_whom", 200), _text("text"), _time("at"),
    sa.Index(None, "check_id", "resource"),
)  # fmt: skip

# People and their access.
PERSON = sa.Table(
    "person", META, _id(), _text("name", 200, unique=True), _text("full_name", 200),
    _text("email", 320), _text("role", 20),
    #: An argon2 string; empty for who signs in with a provider only.
    _text("password"),
    #: Who the provider says it is: its address and its id of the person.
    sa.Column("issuer", sa.String(500)), sa.Column("subject", sa.String(255)),
    sa.Column("active", sa.Boolean, nullable=False), _time("created"), _time("seen", maybe=True),
    sa.UniqueConstraint("issuer", "subject"),
)  # fmt: skip
MEMBERSHIP = sa.Table(
    "membership", META, _of("person_id", "person.id", sa.Integer, primary_key=True),
    _text("team", 200, primary_key=True),
)  # fmt: skip
TEAM_ACCOUNT = sa.Table(
    "team_account", META, _text("team", 200, primary_key=True),
    _text("account_id", 12, primary_key=True),
)  # fmt: skip
WEB_SESSION = sa.Table(
    "web_session", META,
    #: The SHA-256 of what the browser holds.
    _text("id", 64, primary_key=True), _of("person_id", "person.id", sa.Integer, index=True),
    _text("csrf", 64), _time("created"), _time("seen"), _time("expires"), _text("agent", 300),
)  # fmt: skip
API_TOKEN = sa.Table(
    "api_token", META, _id(), _of("person_id", "person.id", sa.Integer, index=True),
    _text("name", 200),
    #: The SHA-256 of the token; its first characters, to know it by.
    _text("digest", 64, unique=True), _text("prefix", 16), _time("created"), _time("expires"),
    _time("used", maybe=True), _time("revoked", maybe=True),
)  # fmt: skip
ATTEMPT = sa.Table(
    "attempt", META, _id(), _text("key", 300), _time("at"), sa.Index(None, "key", "at"),
)  # fmt: skip
AUDIT = sa.Table(
    "audit", META, _id(), _time("at", index=True), _text("who", 200), _text("role", 20),
    _text("action", 80), _text("target", 2048), _text("detail"), _text("address", 64),
)  # fmt: skip

# Exercises: what was run, who took part, everything that was done, in order.
EXERCISE_RUN = sa.Table(
    "exercise_run", META, _text("id", 40, primary_key=True), _text("scenario_id", 80),
    _text("title", 300), _text("scenario"), _text("settings"), _text("code", 20, unique=True),
    _text("created_by", 200), _time("created"), _text("status", 20),
)  # fmt: skip
EXERCISE_PARTICIPANT = sa.Table(
    "exercise_participant", META, _text("id", 40, primary_key=True),
    _of("run_id", "exercise_run.id", sa.String(40), index=True), _text("name", 200),
    _text("seat", 20), _text("team", 200),
    #: The SHA-256 of what the browser holds.
    _text("digest", 64, unique=True), _time("joined"),
    sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id", ondelete="SET NULL")),
)  # fmt: skip
EXERCISE_EVENT = sa.Table(
    "exercise_event", META, _of("run_id", "exercise_run.id", sa.String(40), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False), _time("at"),
    _text("kind", 40), _text("who", 200),
    #: Given by the browser, so that what is sent twice is done once.
    _text("key", 80), _text("data"), sa.UniqueConstraint("run_id", "key"),
)  # fmt: skip

# What exercises found, until a scan or an attestation verifies that it was mended.
IMPROVEMENT = sa.Table(
    "improvement", META, _text("id", 60, primary_key=True),
    _of("run_id", "exercise_run.id", sa.String(40), index=True), _text("title", 300),
    _text("cause"), _text("recommendation"), _text("owner", 200), _text("element", 20),
    sa.Column("due", sa.Date, nullable=False), _text("duty", 80),
    #: What verifies it: a check (on a resource, an account or all), or an attested duty.
    _text("check_id", 200), _text("resource", 2048), _text("account_id", 12), _time("created"),
)  # fmt: skip
IMPROVEMENT_EVENT = sa.Table(
    "improvement_event", META, _id(),
    _of("improvement_id", "improvement.id", sa.String(60), index=True), _time("at"),
    _text("kind", 20), _text("by_whom", 200), _text("scan", 60), _text("note"),
)  # fmt: skip

# What was told to others, so that nothing is told twice.
TICKET = sa.Table(
    "ticket", META, _id(), _text("check_id", 200), _text("resource", 2048),
    _text("account_id", 12), _text("system", 20), _text("key", 200), _text("url", 2048),
    _text("state", 40), _time("created"), _time("changed"),
    sa.UniqueConstraint("system", "key"), sa.Index(None, "check_id", "resource"),
)  # fmt: skip
SENT = sa.Table(
    "sent", META, _text("key", 300, primary_key=True), _text("kind", 40), _text("subject", 300),
    _time("at"),
)  # fmt: skip
JOB_RUN = sa.Table(
    "job_run", META, _id(), _text("job", 80, index=True), _time("started"),
    _time("ended", maybe=True), _text("state", 20), _text("detail"), _text("by_whom", 200),
)  # fmt: skip
#: What people asked to run now and no worker took yet: a job waits once, however many ask.
JOB_REQUEST = sa.Table(
    "job_request", META, _text("job", 80, primary_key=True), _text("by_whom", 200), _time("at"),
)  # fmt: skip
#: The workers that run jobs: each says every minute that it is there, and goes when it ends.
JOB_WORKER = sa.Table(
    "job_worker", META, _text("id", 40, primary_key=True), _text("host", 200),
    sa.Column("pid", sa.BigInteger, nullable=False), _time("started"), _time("seen"),
    #: The schedule that it read when it started: a JSON list of texts.
    _text("jobs"),
)  # fmt: skip
