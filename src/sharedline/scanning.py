"""One scan from credentials to a committed manifest: who is read, collected, assessed, kept."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sharedline import __version__
from sharedline.assess import Assessment, Draft, needed
from sharedline.checks.load import load as load_checks
from sharedline.collect.catalogue import catalogue
from sharedline.collect.processes import collect
from sharedline.collect.run import Job, Progress, Report
from sharedline.collect.schema import describe
from sharedline.collect.who import Reach, reach, shards_of
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.catalogue import refuse_unknown
from sharedline.duties.waivers import load as load_waivers
from sharedline.errors import ConfigError, Error
from sharedline.inventory.lake import LAKE_VERSION, Lake, Manifest, new_scan_id
from sharedline.inventory.sink import LakeSink
from sharedline.model import Check, Finding
from sharedline.project import CONFIG, Project, open_project
from sharedline.results import Results

Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What a scan is asked to do; the project's `[scan]` gives the defaults."""

    regions: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    profile: str = ""
    role_arn: str = ""
    mfa_serial: str = ""
    org: bool = False
    org_role: str = "OrganizationAccountAccessRole"
    external_id: str = ""
    endpoint_url: str = ""
    processes: int | None = None
    keep_raw: bool = False
    engine: str = ""
    rate: float = 1.0
    resume: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True)
class Scan:
    """A finished scan: its manifest, and readers of what it found."""

    manifest: Manifest
    lake: Lake
    project: Project

    @property
    def id(self) -> str:
        """The scan's id."""
        return self.manifest.id

    @property
    def incomplete(self) -> bool:
        """Whether anything could not be read."""
        return self.manifest.incomplete

    @property
    def results(self) -> Results:
        """The findings, cells and gaps."""
        return Results(self.lake, self.manifest, self.project)

    def findings(self) -> Iterator[Finding]:
        """Every finding of the scan."""
        return self.results.findings()

    def cells(self) -> list[dict[str, Any]]:
        """The responsibility matrix."""
        return self.results.cells()


def wanted_tables(
    checks: Mapping[str, Check], project: Project, *, everything: bool
) -> tuple[dict[str, Any], dict[str, frozenset[str]]]:
    """The parsed checks and the tables and columns to collect.

    A scan of all checks also counts the resources of every service that has a line file, and looks
    for services that no table covers; a scan of some checks reads what those read.
    """
    refuse_params(project)
    parsed, columns = needed(checks, project)
    tables = catalogue(project.tables)
    wanted = {n: c for n, c in columns.items() if n in tables}
    if everything:
        for name in (
            *load_duties().table_service,
            "tagged_resource",
            "explored_resource",
            "config_discovered_resource",
        ):
            if name in tables:
                wanted.setdefault(name, frozenset({"tags"} if tables[name].tags else ()))
    return parsed, wanted


def scan(
    session: Any = None,
    regions: Sequence[str] = (),
    checks: Sequence[str] = (),
    lake: str | Path | None = None,
    processes: int | None = None,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
    say: Say | None = None,
    **options: Any,
) -> Scan:
    """Reads AWS with a boto3 session (or the default credentials) and returns the finished scan.

    `checks` are globs over check ids, `lake` a folder or URL, `processes=0` stays in the calling
    process (under an in-process emulator or a debugger). Other options: see `Options`. Raises
    `sharedline.errors.Error` for what a user can mend.
    """
    project = _project(folder, lake)
    given = _options(project, regions, checks, processes, options)
    if session is not None and processes is None:
        given = replace(given, processes=0)
    inner = getattr(session, "_session", session)
    return run(project, given, inner, progress or (lambda _: None), say or (lambda _: None))


def _project(folder: Path | None, lake: str | Path | None) -> Project:
    if folder is None and lake is not None and "://" not in str(lake):
        folder = Path(lake)
        lake = folder
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Error(f"{folder} cannot be made ({error}).", "Choose another folder.") from error
    project = open_project(folder)
    return replace(project, lake=str(lake)) if lake is not None else project


def _options(
    project: Project,
    regions: Sequence[str],
    checks: Sequence[str],
    processes: int | None,
    options: Mapping[str, Any],
) -> Options:
    known = {k: v for k, v in project.scan.items() if k in Options.__dataclass_fields__}
    for name in ("regions", "checks"):
        if name in known:
            known[name] = tuple(known[name])
    out = replace(Options(), **known)
    # An empty `resume` is the newest interrupted scan; of the others an empty value is none given.
    given = {
        k: v
        for k, v in options.items()
        if v not in (None, "", ()) or (k == "resume" and v is not None)
    }
    out = replace(out, **given)
    if regions:
        out = replace(out, regions=tuple(regions))
    if checks:
        out = replace(out, checks=tuple(checks))
    return replace(out, processes=processes) if processes is not None else out


def run(project: Project, options: Options, session: Any, progress: Progress, say: Say) -> Scan:
    """The whole of a scan; see `scan`."""
    lake = Lake(project.lake_url)
    lake.scans()  # what cannot be read is said now, not after hours of reading AWS
    plan = None
    if options.resume is not None:
        plan = _resumed(lake, options)
        options = _as_planned(plan, options)
        say(f"Going on with scan {plan['id']}.")
    load_waivers(project.waivers)
    chosen = load_checks(options.checks, project.checks)
    parsed, wanted = wanted_tables(chosen, project, everything=not options.checks)
    wanted = _closed(wanted, project)
    if plan is not None:
        _same_questions(plan, wanted)
    started = datetime.now(UTC)
    who = reach(options, session)
    for line in who.said:
        say(line)
    if plan is not None:
        _same_account(plan, who)
    draft = _draft(plan, who, options, started)
    with lake.locked(draft.id):
        if plan is None:
            _save_plan(lake, draft, options, who, wanted)
        return _read(project, lake, draft, parsed, wanted, options, who, started, progress)


def _read(
    project: Project,
    lake: Lake,
    draft: Draft,
    parsed: Mapping[str, Any],
    wanted: Mapping[str, frozenset[str]],
    options: Options,
    who: Reach,
    started: datetime,
    progress: Progress,
) -> Scan:
    """Collects into the lake and finishes the scan."""
    job = Job(
        access=who.access,
        sink=LakeSink(lake.url, draft.id),
        wanted=wanted,
        tables_folder=project.tables if project.tables.is_dir() else None,
        keep_raw=options.keep_raw,
        known=who.known,
    )
    shards = shards_of(who)
    clock = time.monotonic()
    report = collect(
        job,
        shards,
        processes=_processes(options, len(shards)),
        progress=progress,
        session=who.session,
    )
    _gather(draft, report, job, who, project)
    collected = time.monotonic() - clock
    return finish(project, lake, draft, parsed, options, who, started, report, collected)


def finish(
    project: Project,
    lake: Lake,
    draft: Draft,
    parsed: Mapping[str, Any],
    options: Options,
    who: Reach,
    started: datetime,
    report: Report,
    collected: float,
) -> Scan:
    """Assesses what was collected and commits the scan by writing its manifest."""
    assess = Assessment(project, lake, draft, options.engine)
    try:
        assess.run(parsed, previous_life(lake, draft))
    finally:
        assess.close()
    calls = report.calls.total()
    extra = {
        "started": started.isoformat(),
        "ended": datetime.now(UTC).isoformat(),
        "identity": who.identity,
        "role": who.access.role_name,
        "endpoint_url": options.endpoint_url,
        "calls": calls,
        "calls_by_operation": _by_operation(report),
        "collect_seconds": round(collected, 3),
        "said": list(who.said),
        "skipped_regions": dict(who.skipped),
        "intent": project.intent_digest(),
    }
    manifest = commit(lake, draft, extra)
    return Scan(manifest, lake, project)


def _by_operation(report: Report) -> dict[str, int]:
    out: dict[str, int] = {}
    for (service, operation, _), count in sorted(report.calls.items()):
        name = f"{service}:{operation}"
        out[name] = out.get(name, 0) + count
    return out


def commit(lake: Lake, draft: Draft, extra: Mapping[str, Any]) -> Manifest:
    """Writes the manifest: from now on the scan exists."""
    data = {
        **extra,
        "lake_version": LAKE_VERSION,
        "version": __version__,
        "id": draft.id,
        "as_of": draft.as_of.isoformat(),
        "partition": draft.partition,
        "accounts": draft.accounts,
        "regions": draft.regions,
        "regions_by_account": draft.on,
        "checks": draft.checks,
        "tables": draft.tables,
        "files": draft.files,
        "listings": draft.listings,
        "failures": [x for x in draft.listings if x["status"] in ("failed", "partial")],
        "row_errors": draft.row_errors,
    }
    path = lake.path("scans", draft.id, "manifest.json")
    lake.write(path, json.dumps(data, indent=1).encode())
    manifest = lake.manifest(draft.id)
    assert manifest is not None
    return manifest


def draft_of(manifest: Manifest) -> Draft:
    """A committed scan as a draft again, to assess it anew."""
    d = manifest.data
    return Draft(
        id=manifest.id,
        as_of=manifest.as_of,
        partition=d.get("partition", "aws"),
        accounts=list(manifest.accounts),
        regions=list(manifest.regions),
        on=dict(d.get("regions_by_account", {})),
        files=list(d["files"]),
        tables=dict(d["tables"]),
        listings=list(d["listings"]),
        row_errors=dict(d["row_errors"]),
        checks=list(d["checks"]),
    )


def reassess(project: Project, lake: Lake, manifest: Manifest, engine: str = "") -> Scan:
    """Judges a committed scan again with today's checks, lines, owners, waivers; reads no AWS."""
    with lake.locked(manifest.id, wait=True):
        return _reassessed(project, lake, lake.manifest(manifest.id) or manifest, engine)


def _reassessed(project: Project, lake: Lake, manifest: Manifest, engine: str) -> Scan:
    draft = draft_of(manifest)
    refuse_params(project)
    chosen = {i: c for i, c in load_checks((), project.checks).items() if i in draft.checks}
    parsed, _ = needed(chosen, project)
    assess = Assessment(project, lake, draft, engine)
    try:
        assess.run(parsed, previous_life(lake, draft))
    finally:
        assess.close()
    kept = {k: v for k, v in manifest.data.items() if k not in ("files", "tables")}
    again = {
        **kept,
        "reassessed": datetime.now(UTC).isoformat(),
        "intent": project.intent_digest(),
    }
    return Scan(commit(lake, draft, again), lake, project)


def previous_life(lake: Lake, draft: Draft) -> list[str]:
    """The file of finding lives that the newest earlier scan left."""
    earlier = [m for m in lake.scans() if m.as_of < draft.as_of and m.id != draft.id]
    return lake.files(earlier[-1], "findings", "life") if earlier else []


def _closed(wanted: Mapping[str, frozenset[str]], project: Project) -> dict[str, frozenset[str]]:
    from sharedline.collect.run import closure

    return closure(wanted, catalogue(project.tables))


def _processes(options: Options, shards: int) -> int:
    import os

    if options.processes is not None:
        return options.processes
    return max(1, min(os.cpu_count() or 1, shards // 2, 8))


def _draft(plan: Mapping[str, Any] | None, who: Reach, options: Options, now: datetime) -> Draft:
    as_of = options.as_of or now
    if plan is not None:
        as_of = datetime.fromisoformat(plan["as_of"])
    return Draft(
        id=plan["id"] if plan is not None else new_scan_id(as_of),
        as_of=as_of,
        partition=who.access.partition,
        accounts=list(who.accounts),
        regions=list(who.regions),
        # Of an account that cannot be reached every Region is unknown; of others those that are on.
        on={a: sorted(who.on.get(a, who.regions)) for a in who.accounts},
    )


def _save_plan(
    lake: Lake, draft: Draft, options: Options, who: Reach, wanted: Mapping[str, frozenset[str]]
) -> None:
    plan = {
        "id": draft.id,
        "as_of": draft.as_of.isoformat(),
        "version": __version__,
        "account": who.access.base_account,
        "questions": _questions(wanted),
        "options": {k: v for k, v in asdict(options).items() if k not in _NOT_KEPT},
    }
    lake.write(lake.path("scans", draft.id, "plan.json"), json.dumps(plan).encode())


#: Options that a resumed scan is given anew where they are needed; the others stay as it began.
_RENEWED = ("profile", "role_arn", "mfa_serial", "endpoint_url", "processes", "rate", "engine")
_NOT_KEPT = ("as_of", "resume")


def _questions(wanted: Mapping[str, frozenset[str]]) -> str:
    """Changes when a scan would read other tables or columns."""
    text = json.dumps({name: sorted(columns) for name, columns in sorted(wanted.items())})
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _resumed(lake: Lake, options: Options) -> dict[str, Any]:
    """The plan of the interrupted scan to go on with: the newest that no process is working on."""
    unfinished = [s for s in lake.unfinished() if s.startswith(options.resume or "")]
    free = [s for s in unfinished if not lake.busy(s)]
    if unfinished and not free:
        raise Error(
            f"Scan {unfinished[-1]} is being made by another process.",
            "Wait until it ends; resume it only if it is interrupted.",
        )
    if not free:
        raise Error("There is no interrupted scan to resume.", "Start one with `sharedline scan`.")
    path = lake.path("scans", free[-1], "plan.json")
    plan = lake.read_json(path)
    keys = {"id", "as_of", "version", "account", "questions", "options"}
    if not isinstance(plan, dict) or not keys <= set(plan):
        raise Error(f"{path} is damaged.", "Delete that scan's folder, and scan again.")
    return plan


def _as_planned(plan: Mapping[str, Any], options: Options) -> Options:
    """The options that the interrupted scan was begun with, its way into AWS renewed."""
    kept = {k: v for k, v in plan["options"].items() if k in Options.__dataclass_fields__}
    for name in ("regions", "checks"):
        kept[name] = tuple(kept.get(name, ()))
    default = Options()
    new = {k: getattr(options, k) for k in _RENEWED if getattr(options, k) != getattr(default, k)}
    return replace(default, **{**kept, "resume": options.resume, **new})


def _same_questions(plan: Mapping[str, Any], wanted: Mapping[str, frozenset[str]]) -> None:
    if plan["version"] == __version__ and plan["questions"] == _questions(wanted):
        return
    raise Error(
        f"Scan {plan['id']} was begun with other checks, owner rules or another version of "
        "Sharedline, so what it read is not all that is needed now.",
        "Start a new one with `sharedline scan`.",
    )


def _same_account(plan: Mapping[str, Any], who: Reach) -> None:
    if plan["account"] != who.access.base_account:
        raise Error(
            f"Scan {plan['id']} was begun in account {plan['account']}; these credentials are for "
            f"{who.access.base_account}.",
            "Use the credentials that it was begun with, or start a new scan.",
        )


def refuse_params(project: Project) -> None:
    """`ConfigError` where `[checks]` of the settings names a check or parameter that is not there."""
    if not project.params:
        return
    known = load_checks((), project.checks)
    where = project.folder / CONFIG
    for check_id, params in project.params.items():
        if check_id not in known:
            near = [c for c in known if c.split("/")[0] == check_id.split("/")[0]][:5]
            raise ConfigError(
                f'{where}, [checks."{check_id}"]: there is no such check.',
                f"For example {', '.join(near or list(known)[:5])}.",
            )
        allowed = known[check_id].params
        place = f'{where}, [checks."{check_id}"]'
        refuse_unknown(params, set(allowed), place)
        for name, value in params.items():
            usual = allowed[name]
            number = (int, float)
            if isinstance(value, bool) != isinstance(usual, bool) or not isinstance(
                value, number if isinstance(usual, number) else type(usual)
            ):
                raise ConfigError(
                    f"{place}: {name} is not of the kind of its default.",
                    f"It is usually {usual!r}.",
                )


def _gather(draft: Draft, report: Report, job: Job, who: Reach, project: Project) -> None:
    """Puts the journals of all shards into the draft."""
    tables = catalogue(project.tables)
    actions: dict[str, str] = {}
    for name in job.wanted:
        schema = describe(tables[name], tables)
        draft.tables[name] = {c.name: c.type for c in schema.columns}
        actions.update(zip(schema.operations, schema.actions, strict=True))
    for shard, journal in sorted(
        report.journals.items(), key=lambda x: (x[0].account_id, x[0].region)
    ):
        place = {"account_id": shard.account_id, "region": shard.region}
        for name, entry in sorted(journal.items()):
            if name not in job.wanted:
                continue
            if entry["file"]:
                draft.files.append(
                    {
                        "kind": "inventory",
                        "table": name,
                        "account": shard.account_id,
                        "region": shard.region,
                        **entry["file"],
                    }
                )
            for key, count in entry["row_errors"].items():
                counts = draft.row_errors.setdefault(name, {})
                counts[key] = counts.get(key, 0) + count
            status = _status(tables[name].service, shard.region, entry, who)
            status["action"] = actions.get(status["call"], "")
            draft.listings.append({**place, "table": name, **status})
    for account, failure in who.unreachable.items():
        for name in job.wanted:
            scope = tables[name].scope
            if scope == "organization":
                continue  # read with the account that the scan began in
            regions = who.regions if scope == "region" else ("global",)
            draft.listings += [
                {
                    "account_id": account,
                    "region": region,
                    "table": name,
                    "status": "failed",
                    "call": failure.call,
                    "code": failure.code,
                    "message": failure.message,
                    "action": "sts:AssumeRole",
                }
                for region in regions
            ]


def _status(service: str, region: str, entry: Mapping[str, Any], who: Reach) -> dict[str, str]:
    first = entry["failures"][0] if entry["failures"] else {}
    status = entry["status"]
    if first.get("code") == "EndpointConnectionError" and not who.access.endpoint_url:
        from botocore.session import Session

        offered = Session().get_available_regions(service, who.access.partition)
        if region != "global" and offered and region not in offered:
            status = "not_offered"
    return {
        "status": status,
        "call": first.get("call", ""),
        "code": first.get("code", ""),
        "message": first.get("message", ""),
        "action": "",
    }
