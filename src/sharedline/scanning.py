"""One scan from credentials to a committed manifest: who is read, collected, assessed, kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sharedline import __version__
from sharedline.assess import Assessment, Draft, needed
from sharedline.checks.load import load as load_checks
from sharedline.collect.catalogue import catalogue
from sharedline.collect.clients import Access
from sharedline.collect.run import Job, Progress, Report, collect
from sharedline.collect.schema import describe
from sharedline.collect.who import Reach, reach, shards_of
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import Error
from sharedline.inventory.lake import LAKE_VERSION, Lake, Manifest, new_scan_id
from sharedline.inventory.sink import LakeSink
from sharedline.model import Check, Finding
from sharedline.project import Project, open_project
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
    parsed, columns = needed(checks, project)
    tables = catalogue(project.tables)
    wanted = {n: c for n, c in columns.items() if n in tables}
    if everything:
        for name in (*load_duties().table_service, "tagged_resource", "explored_resource",
                     "config_discovered_resource"):
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
        folder.mkdir(parents=True, exist_ok=True)
        lake = folder
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
    given = {k: v for k, v in options.items() if v not in (None, "", ())}
    out = replace(out, **given)
    if regions:
        out = replace(out, regions=tuple(regions))
    if checks:
        out = replace(out, checks=tuple(checks))
    return replace(out, processes=processes) if processes is not None else out


def run(
    project: Project, options: Options, session: Any, progress: Progress, say: Say
) -> Scan:
    """The whole of a scan; see `scan`."""
    lake = Lake(project.lake_url)
    chosen = load_checks(options.checks, project.checks)
    parsed, wanted = wanted_tables(chosen, project, everything=not options.checks)
    plan = _resumed(lake, options) if options.resume is not None else None
    started = datetime.now(UTC)
    who = reach(options, session)
    for line in who.said:
        say(line)
    draft = _draft(plan, who, options, started)
    access = who.access
    sink = LakeSink(lake.url, draft.id)
    if plan is None:
        _save_plan(lake, draft, options)
    job = Job(
        access=access,
        sink=sink,
        wanted=_closed(wanted, project),
        tables_folder=project.tables if project.tables.is_dir() else None,
        keep_raw=options.keep_raw,
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
        files=list(d["files"]),
        tables=dict(d["tables"]),
        listings=list(d["listings"]),
        row_errors=dict(d["row_errors"]),
        checks=list(d["checks"]),
    )


def reassess(project: Project, lake: Lake, manifest: Manifest, engine: str = "") -> Scan:
    """Judges a committed scan again with today's checks, lines, owners, waivers; reads no AWS."""
    draft = draft_of(manifest)
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
    if plan is not None:
        return Draft(
            id=plan["id"],
            as_of=datetime.fromisoformat(plan["as_of"]),
            partition=who.access.partition,
            accounts=list(who.accounts),
            regions=list(who.regions),
        )
    as_of = options.as_of or now
    return Draft(
        id=new_scan_id(as_of),
        as_of=as_of,
        partition=who.access.partition,
        accounts=list(who.accounts),
        regions=list(who.regions),
    )


def _save_plan(lake: Lake, draft: Draft, options: Options) -> None:
    plan = {
        "id": draft.id,
        "as_of": draft.as_of.isoformat(),
        "accounts": draft.accounts,
        "regions": draft.regions,
        "checks": list(options.checks),
    }
    lake.write(lake.path("scans", draft.id, "plan.json"), json.dumps(plan).encode())


def _resumed(lake: Lake, options: Options) -> dict[str, Any]:
    """The plan of the interrupted scan to go on with."""
    unfinished = [s for s in lake.unfinished() if s.startswith(options.resume or "")]
    if not unfinished:
        raise Error("There is no interrupted scan to resume.", "Start one with `sharedline scan`.")
    return dict(lake.read_json(lake.path("scans", unfinished[-1], "plan.json")))


def _gather(
    draft: Draft, report: Report, job: Job, who: Reach, project: Project
) -> None:
    """Puts the journals of all shards into the draft."""
    tables = catalogue(project.tables)
    for name in job.wanted:
        schema = describe(tables[name], tables)
        draft.tables[name] = {c.name: c.type for c in schema.columns}
    for shard, journal in sorted(
        report.journals.items(), key=lambda x: (x[0].account_id, x[0].region)
    ):
        place = {"account_id": shard.account_id, "region": shard.region}
        for name, entry in sorted(journal.items()):
            if name not in job.wanted:
                continue
            if entry["file"]:
                draft.files.append({"kind": "inventory", "table": name,
                                    "account": shard.account_id, "region": shard.region,
                                    **entry["file"]})
            for key, count in entry["row_errors"].items():
                counts = draft.row_errors.setdefault(name, {})
                counts[key] = counts.get(key, 0) + count
            draft.listings.append(
                {**place, "table": name, **_status(tables[name].service, shard.region, entry, who)}
            )
    for account, failure in who.unreachable.items():
        for name in job.wanted:
            scope = tables[name].scope
            regions = who.regions if scope == "region" else ("global",)
            draft.listings += [
                {"account_id": account, "region": region, "table": name, "status": "failed",
                 "call": failure.call, "code": failure.code, "message": failure.message,
                 "action": "sts:AssumeRole"}
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
