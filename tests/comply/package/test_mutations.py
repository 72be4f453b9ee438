"""Defects put into the documents one at a time: schema and reference check find each, by name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from sharedline.comply.package import manifest, references, schema
from sharedline.comply.package.build import Built
from sharedline.comply.package.schema import Problem

Documents = dict[str, Any]
NONE = "00000000-0000-4000-8000-000000000000"


def judge(documents: Documents, files: set[str]) -> list[Problem]:
    found = [p for n, d in documents.items() for p in schema.problems(n, d)]
    indexes = {n: references.examine(n, d) for n, d in documents.items()}
    return found + list(references.problems(indexes, files))


@pytest.fixture(scope="module")
def files(built: Built) -> set[str]:
    return set(manifest.files(built.folder))


@pytest.fixture(scope="module")
def documents(built: Built) -> Documents:
    return {p.name: json.loads(p.read_text("utf-8")) for p in (built.folder / "oscal").iterdir()}


# -- where things stand ----------------------------------------------------------------------


def ssp(d: Documents) -> Any:
    return d["ssp.json"]["system-security-plan"]


def statement(d: Documents, name: str) -> Any:
    found = ssp(d)["control-implementation"]["implemented-requirements"]
    return next(s for r in found for s in r["statements"] if s["statement-id"] == name)


def requirement(d: Documents) -> Any:
    return ssp(d)["control-implementation"]["implemented-requirements"]


def shared(d: Documents, side: int) -> Any:
    """AWS's (0) or the customer's (1) half of a shared statement."""
    return statement(d, "ac-3_smt")["by-components"][side]


def result(d: Documents) -> Any:
    return d["assessment-results.json"]["assessment-results"]["results"][0]


def observation(d: Documents) -> Any:
    return next(o for o in result(d)["observations"] if o.get("subjects"))


def finding(d: Documents, name: str) -> Any:
    return next(f for f in result(d)["findings"] if f["target"]["target-id"] == name)


def poam(d: Documents) -> Any:
    return d["poam.json"]["plan-of-action-and-milestones"]


def plan(d: Documents) -> Any:
    return d["assessment-plan.json"]["assessment-plan"]


def component(d: Documents) -> Any:
    return d["component-definition.json"]["component-definition"]


def mapping(d: Documents) -> Any:
    return d["mapping.json"]["mapping-collection"]["mappings"][0]


def put(value: Any, name: Any, new: Any) -> None:
    value[name] = new


def drop_prop(value: Any, name: str) -> None:
    value["props"] = [p for p in value["props"] if p["name"] != name]


def set_prop(value: Any, name: str, new: str) -> None:
    next(p for p in value["props"] if p["name"] == name)["value"] = new


#: What is done, and the rule that must find it.
MUTATIONS: dict[str, tuple[Callable[[Documents], Any], str]] = {
    # what NIST's schema sees
    "a required member is missing": (lambda d: ssp(d).pop("import-profile"), "schema"),
    "a member that there is none of": (lambda d: put(ssp(d), "importprofile", {}), "schema"),
    "a uuid is none": (lambda d: put(ssp(d), "uuid", "1234"), "schema"),
    "a time without a zone": (
        lambda d: put(observation(d), "collected", "2026-09-30T12:00:00"), "schema"),
    "a day that there is none of": (
        lambda d: put(ssp(d)["system-implementation"]["leveraged-authorizations"][0],
                      "date-authorized", "2026-02-30"), "schema"),
    "an id is no token": (lambda d: put(requirement(d)[0], "control-id", "AC 1"), "schema"),
    "an empty list": (lambda d: put(requirement(d)[0], "statements", []), "schema"),
    "a title of two lines": (lambda d: put(finding(d, "ac-1_smt"), "title", "a\nb"), "schema"),
    "a state of its own making": (
        lambda d: put(finding(d, "ac-1_smt")["target"]["status"], "state", "unknown"), "schema"),
    "a model of its own making": (lambda d: put(d, "x.json", {"audit": {}}), "schema"),
    # uuids and ids
    "two things of one uuid": (
        lambda d: put(requirement(d)[1], "uuid", requirement(d)[0]["uuid"]), "uuid-twice"),
    "two roles of one id": (
        lambda d: ssp(d)["metadata"]["roles"].append({"id": "provider", "title": "x"}),
        "id-twice"),
    "a control twice in the plan": (
        lambda d: requirement(d).append(
            {**copy.deepcopy(requirement(d)[0]), "uuid": NONE, "statements": []}), "id-twice"),
    "a control twice in the catalogue": (
        lambda d: d["catalog.json"]["catalog"]["groups"][0]["controls"].append(
            d["catalog.json"]["catalog"]["groups"][0]["controls"][0]), "id-twice"),
    # references within a document
    "a role that there is none of": (
        lambda d: put(ssp(d)["metadata"]["responsible-parties"][0], "role-id", "nobody"), "role"),
    "a party that there is none of": (
        lambda d: put(ssp(d)["metadata"]["responsible-parties"][0], "party-uuids", [NONE]),
        "party"),
    "a party without a name": (
        lambda d: ssp(d)["metadata"]["parties"][0].pop("name"), "party"),
    "a component that there is none of": (
        lambda d: put(shared(d, 0), "component-uuid", NONE), "component"),
    "a resource that is in no service": (
        lambda d: put(ssp(d)["system-implementation"]["inventory-items"][0]
                      ["implemented-components"][0], "component-uuid", NONE), "component"),
    "an authorization that there is none of": (
        lambda d: put(ssp(d)["system-implementation"]["leveraged-authorizations"][0],
                      "uuid", NONE), "leveraged-authorization"),
    "an observation that there is none of": (
        lambda d: put(finding(d, "ac-3_smt")["related-observations"][0], "observation-uuid", NONE),
        "observation"),
    "a risk that there is none of": (
        lambda d: put(finding(d, "ac-3_smt")["related-risks"][0], "risk-uuid", NONE), "risk"),
    "a risk of an item that there is none of": (
        lambda d: put(poam(d)["poam-items"][0]["related-risks"][0], "risk-uuid", NONE), "risk"),
    "an activity that there is none of": (
        lambda d: put(plan(d)["tasks"][0]["associated-activities"][0], "activity-uuid", NONE),
        "activity"),
    "evidence that there is none of": (
        lambda d: next(o for o in result(d)["observations"] if "report" in str(o["title"]).lower()
                       or o["methods"] == ["EXAMINE"])["relevant-evidence"][0].update(
                           href=f"#{NONE}"), "resource"),
    # references between documents
    "an import that leads nowhere": (
        lambda d: put(ssp(d)["import-profile"], "href", "other.json"), "import"),
    "an import of the wrong model": (
        lambda d: put(plan(d)["import-ssp"], "href", "catalog.json"), "import"),
    "a profile that imports nothing": (
        lambda d: d["profile.json"]["profile"]["imports"][0].pop("href"), "import"),
    "a subject that there is none of": (
        lambda d: put(observation(d)["subjects"][0], "subject-uuid", NONE), "inventory-item"),
    "a subject of another kind": (
        lambda d: put(observation(d)["subjects"][0], "type", "component"), "component"),
    "a tool that there is none of": (
        lambda d: put(observation(d)["origins"][0]["actors"][0], "actor-uuid", NONE), "component"),
    "a task of the results that there is none of": (
        lambda d: put(result(d)["assessment-log"]["entries"][0]["related-tasks"][0],
                      "task-uuid", NONE), "task"),
    "a statement of the plan that there is none of": (
        lambda d: put(finding(d, "ac-3_smt"), "implementation-statement-uuid", NONE), "statement"),
    "a file that there is none of": (
        lambda d: put(observation(d)["relevant-evidence"][0], "href", "../evidence/no.csv"), "file"),
    # controls
    "a control that there is none of": (
        lambda d: put(requirement(d)[0], "control-id", "zz-9"), "control"),
    "a profile of a control that there is none of": (
        lambda d: d["profile.json"]["profile"]["imports"][0]["include-controls"][0]["with-ids"]
        .append("zz-9"), "control"),
    "a statement that there is none of": (
        lambda d: put(statement(d, "ac-2_smt.a"), "statement-id", "ac-2_smt.z"), "statement-id"),
    "a statement of another control": (
        lambda d: put(statement(d, "ac-2_smt.a"), "statement-id", "ac-3_smt"),
        "statement-of-other"),
    "a target that there is none of": (
        lambda d: put(finding(d, "ac-3_smt")["target"], "target-id", "ac-3_smt.q"),
        "statement-id"),
    "a component's control that there is none of": (
        lambda d: put(component(d)["components"][0]["control-implementations"][0]
                      ["implemented-requirements"][0], "control-id", "zz-9"), "control"),
    "a control of the profile that the plan leaves out": (
        lambda d: requirement(d).pop(), "missing-control"),
    "a control of the plan that the profile leaves out": (
        lambda d: d["profile.json"]["profile"]["imports"][0]["include-controls"][0]["with-ids"]
        .pop(), "out-of-scope"),
    "a map to a duty that there is none of": (
        lambda d: put(mapping(d)["maps"][0]["targets"][0], "id-ref", "duty.none"), "mapped"),
    "a map from a part that there is none of": (
        lambda d: put(mapping(d)["maps"][0]["sources"][0], "id-ref", "zz-9"), "mapped"),
    # inheritance
    "inherited from nothing": (
        lambda d: put(shared(d, 1)["inherited"][0], "provided-uuid", NONE), "provided"),
    "inherited from another statement": (
        lambda d: put(shared(d, 1)["inherited"][0], "provided-uuid",
                      statement(d, "pe-3_smt")["by-components"][0]["export"]["provided"][0]["uuid"]),
        "inherits-other"),
    "inherited from itself": (
        lambda d: put(shared(d, 0), "inherited", [
            {"uuid": NONE, "description": "x",
             "provided-uuid": shared(d, 0)["export"]["provided"][0]["uuid"]}]), "inherits-itself"),
    "satisfies no responsibility": (
        lambda d: put(shared(d, 1)["satisfied"][0], "responsibility-uuid", NONE),
        "responsibility"),
    "a responsibility that nothing satisfies": (
        lambda d: shared(d, 1).pop("satisfied"), "not-taken-up"),
    "a responsibility for what another provides": (
        lambda d: put(shared(d, 0)["export"]["responsibilities"][0], "provided-uuid",
                      statement(d, "pe-3_smt")["by-components"][0]["export"]["provided"][0]["uuid"]),
        "responsibility-of-other"),
    "what nobody drew is inherited": (
        lambda d: set_prop(statement(d, "pe-3_smt"), "side", "unknown"), "inherits-unsaid"),
    # what the results say
    "a part without a finding": (lambda d: result(d)["findings"].pop(), "no-finding"),
    "a part with two findings": (
        lambda d: result(d)["findings"].append(
            {**copy.deepcopy(result(d)["findings"][0]), "uuid": NONE}), "finding-twice"),
    "unmet and satisfied": (
        lambda d: put(finding(d, "ac-3_smt")["target"]["status"], "state", "satisfied"),
        "satisfied"),
    "satisfied by nothing": (
        lambda d: finding(d, "ac-2_smt.a").pop("related-observations"), "no-evidence"),
    "satisfied by what had expired": (
        lambda d: next(o for o in result(d)["observations"] if "expires" in o).update(
            expires="2026-06-01T00:00:00Z"), "expired"),
    "not satisfied and nothing to do": (
        lambda d: finding(d, "ac-3_smt").pop("related-risks"), "no-risk"),
    "an exception that is not named": (
        lambda d: observation(d)["subjects"].pop(), "population"),
    "a population that was made up": (
        lambda d: set_prop(observation(d), "population", "1000"), "population"),
    "results that end before they start": (
        lambda d: put(result(d), "end", "2026-03-01T00:00:00Z"), "times"),
    # what is to be done
    "an open risk without a day": (lambda d: poam(d)["risks"][0].pop("deadline"), "no-deadline"),
    "an item without an owner": (
        lambda d: drop_prop(poam(d)["poam-items"][0], "owner"), "poam-item"),
    "a risk that no plan of action has": (lambda d: d.pop("poam.json"), "unplanned"),
    # the rest
    "a document of another OSCAL": (
        lambda d: put(ssp(d)["metadata"], "oscal-version", "1.0.4"), "version"),
    "a subject of the plan without a type": (
        lambda d: plan(d)["assessment-subjects"][0].pop("type"), "subject"),
}  # fmt: skip


def test_what_was_not_touched_is_clean(documents: Documents, files: set[str]) -> None:
    assert judge(documents, files) == []
    assert len(MUTATIONS) >= 24


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_defect_is_found_by_its_name(documents: Documents, files: set[str], name: str) -> None:
    mutate, rule = MUTATIONS[name]
    hurt = copy.deepcopy(documents)
    mutate(hurt)
    assert hurt != documents
    assert rule in {p.rule for p in judge(hurt, files)}
