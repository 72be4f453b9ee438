"""The graph: chains, limits, what is not known, and the search against a slow and obvious one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from sharedline.errors import Error
from sharedline.iam.escalation import paths
from sharedline.iam.escalation.dormant import dormant
from sharedline.iam.escalation.graph import Graph, verdict
from sharedline.iam.escalation.holding import RANK, Holding
from sharedline.iam.escalation.paths import Telling, Way
from sharedline.iam.escalation.scan import of_tables
from sharedline.iam.escalation.sensitivity import marks, sensitive

from . import small

Words = Mapping[str, Mapping[str, Any]]
BOSS = {"allow": ["* on *"], "trust": "account"}


def graph(estate: Words, **options: Any) -> Graph:
    return of_tables(small.tables(estate, **options))


def ways(estate: Words, **options: Any) -> dict[str, Way]:
    found = paths.to_admin(graph(estate, **options))
    return {way.start.rpartition(":")[2]: way for way in found}


def rules_of(way: Way) -> list[str]:
    return [hop.rule.id for hop in way.hops]


def assumes(role: str) -> dict[str, Any]:
    return {"allow": [f"sts:AssumeRole on role/{role}"], "trust": "account"}


# -- chains -----------------------------------------------------------------------------------


def test_a_chain_of_roles_is_followed_to_its_end() -> None:
    estate: Words = {
        "user/dev": {"allow": ["sts:AssumeRole on role/a"]},
        "role/a": assumes("b"),
        "role/b": assumes("boss"),
        "role/boss": BOSS,
    }
    found = ways(estate)
    assert [len(found[name].hops) for name in ("user/dev", "role/a", "role/b")] == [3, 2, 1]
    assert "role/boss" not in found
    assert found["user/dev"].answer == "yes"


def test_roles_that_assume_each_other_end_the_search() -> None:
    ring = {f"role/r{n}": assumes(f"r{(n + 1) % 5}") for n in range(5)}
    assert ways({**ring, "role/boss": BOSS}) == {}
    ring["role/r3"] = {"allow": ["sts:AssumeRole on role/r4, role/boss"], "trust": "account"}
    found = ways({**ring, "role/boss": BOSS})
    assert {name: len(way.hops) for name, way in found.items()} == {
        "role/r3": 1,
        "role/r2": 2,
        "role/r1": 3,
        "role/r0": 4,
        "role/r4": 5,
    }


def test_the_surer_way_is_taken_before_the_shorter() -> None:
    estate: Words = {
        "user/dev": {"allow": ["sts:AssumeRole on *"]},
        "role/boss": {"allow": ["* on *"], "trust": "account if StringEquals sts:ExternalId x"},
        "role/mid": {
            "allow": ["iam:PassRole on role/king", "lambda:* on *"],
            "trust": "account",
        },
        "role/king": {"allow": ["* on *"], "trust": "lambda.amazonaws.com"},
    }
    found = ways(estate)["user/dev"]
    assert found.answer == "yes"
    assert rules_of(found)[0] == "sts/assume-role"
    assert len(found.hops) == 2


def test_what_hangs_on_a_condition_says_which() -> None:
    trust = "account if StringEquals sts:ExternalId x"
    estate: Words = {
        "user/dev": {"allow": ["sts:AssumeRole on role/boss"]},
        "role/boss": {"allow": ["* on *"], "trust": trust},
    }
    found = ways(estate)["user/dev"]
    assert found.answer == "depends"
    assert found.conditions == ("StringEquals sts:externalid x",)
    assert {s.layer for step in found.hops[0].steps for s in step.statements} == {
        "identity",
        "trust",
    }


def test_a_role_of_another_account_needs_both_sides() -> None:
    def tables(*, allowed: bool) -> dict[str, list[dict[str, Any]]]:
        here = small.tables({"user/dev": assumes("x") | {"allow": ["s3:ListAllMyBuckets on *"]}})
        if allowed:
            there = "sts:AssumeRole on arn:aws:iam::222233334444:role/boss"
            here = small.tables({"user/dev": {"allow": [there]}})
        other = small.Small("222233334444")
        other.principal("role", "boss", {**BOSS, "trust": small.arn("user/dev")})
        for table, rows in other.rows.items():
            here.setdefault(table, []).extend(rows)
        return here

    assert list(paths.to_admin(of_tables(tables(allowed=False)))) == []
    [way] = paths.to_admin(of_tables(tables(allowed=True)))
    assert way.answer in ("yes", "unknown")  # the organisation of neither is known
    told = Telling(of_tables(tables(allowed=True))).line(way)
    assert told == "user dev of 111122223333 → (sts/assume-role) role boss of 222233334444"


# -- limits -----------------------------------------------------------------------------------


def test_the_targets_own_boundary_holds() -> None:
    estate: Words = {
        "user/dev": {"allow": ["sts:AssumeRole on role/boss"]},
        "policy/bound": {"allow": ["s3:* on *"]},
        "role/boss": {**BOSS, "boundary": "policy/bound"},
    }
    assert ways(estate) == {}


def test_a_boundary_that_lets_one_act_elsewhere_binds_less_than_it_seems() -> None:
    """Raised within a boundary one is no administrator, but may become one by another way."""
    estate: Words = {
        "policy/bound": {"allow": ["iam:AttachUserPolicy, sts:* on *"]},
        "user/dev": {"allow": ["iam:AttachUserPolicy on user/dev"], "boundary": "policy/bound"},
        "role/boss": BOSS,
    }
    assert rules_of(ways(estate)["user/dev"]) == ["iam/attach-user-policy", "sts/assume-role"]
    strict = {**estate, "policy/bound": {"allow": ["iam:AttachUserPolicy on *"]}}
    assert ways(strict) == {}


def test_raising_a_user_one_cannot_become_is_no_path() -> None:
    for holder in ("user/dev", "role/dev"):
        estate: dict[str, dict[str, Any]] = {
            holder: {"allow": ["iam:AttachUserPolicy on user/bot"]},
            "user/bot": {"allow": ["s3:ListAllMyBuckets on *"], "keys": 0},
        }
        assert ways(estate) == {}
        estate[holder] = {"allow": ["iam:AttachUserPolicy, iam:CreateAccessKey on user/bot"]}
        assert rules_of(ways(estate)[holder]) == ["iam/attach-user-policy-and-key"]


def test_a_deny_of_ones_own_closes_the_way() -> None:
    estate: Words = {
        "user/dev": {"allow": ["sts:AssumeRole on *"], "deny": ["sts:AssumeRole on role/boss"]},
        "role/boss": BOSS,
    }
    assert ways(estate) == {}


def test_service_linked_roles_are_not_passed() -> None:
    tables = small.tables(
        {"user/dev": {"allow": ["iam:PassRole on *", "lambda:* on *"]}, "role/x": BOSS}
    )
    linked = "arn:aws:iam::111122223333:role/aws-service-role/lambda.amazonaws.com/x"
    for name in ("iam_role", "iam_role_policy"):
        for row in tables[name]:
            row["arn"] = linked
    tables["iam_role"][0]["assume_role_policy_document"] = small.trust("lambda.amazonaws.com")
    assert list(paths.to_admin(of_tables(tables))) == []


# -- what is not known ------------------------------------------------------------------------


def test_a_principal_whose_policies_were_not_read_is_not_known_to_be_harmless() -> None:
    tables = small.tables({"user/dev": {"allow": ["sts:AssumeRole on role/dark"]}, "role/dark": {}})
    tables["iam_role_policy"].append(
        {
            "arn": small.arn("role/dark"),
            "account_id": small.ACCOUNT,
            "region": "global",
            "policy_name": "inline",
            "policy_document": None,
        }
    )
    found = {way.start.rpartition("/")[2]: way for way in paths.to_admin(of_tables(tables))}
    assert found["dark"].answer == "unknown"
    assert found["dark"].hops == ()
    assert "inline" in found["dark"].unknown[0]
    assert found["dev"].answer == "unknown"
    assert len(found["dev"].hops) == 1


@pytest.mark.parametrize("table", ["iam_access_key", "iam_credential_report"])
def test_keys_that_were_not_read_leave_the_way_unknown(table: str) -> None:
    estate: Words = {
        "user/dev": {"allow": ["iam:CreateAccessKey on user/boss"]},
        "user/boss": {"allow": ["* on *"]},
    }
    assert ways(estate)["user/dev"].answer == "yes"
    assert ways(estate, unread=(table,))["user/dev"].answer == "unknown"


def test_a_table_that_was_not_read_is_no_proof_of_absence() -> None:
    estate: Words = {
        "user/dev": {"allow": ["lambda:UpdateFunctionCode, lambda:InvokeFunction on *"]},
        "role/boss": {"allow": ["* on *"], "trust": "lambda.amazonaws.com"},
    }
    assert ways(estate) == {}
    found = ways(estate, unread=("lambda_function",))["user/dev"]
    assert (found.answer, found.unknown) == ("unknown", ("lambda_function was not read",))
    # No role could be a function's: then none can be reached, whatever functions there are.
    other = {**estate, "role/boss": {"allow": ["* on *"], "trust": "ec2.amazonaws.com"}}
    assert ways(other, unread=("lambda_function",)) == {}


# -- dormant ----------------------------------------------------------------------------------


def test_a_grant_without_its_target_is_told_apart() -> None:
    estate: Words = {
        "user/dev": {"allow": ["lambda:UpdateFunctionCode, lambda:InvokeFunction on *"]},
        "user/other": {"allow": ["s3:GetObject on *"]},
    }
    found = graph(estate)
    told = {one.rule.id: one.reason for one in dormant(found, found.base[small.arn("user/dev")])}
    assert told == {
        "lambda/update-code": "no lambda function that it may use has a role",
        "lambda/update-code-and-invoke": "no lambda function that it may use has a role",
    }
    assert list(dormant(found, found.base[small.arn("user/other")])) == []
    unread = graph(estate, unread=("lambda_function",))
    assert list(dormant(unread, unread.base[small.arn("user/dev")])) == []


# -- resources --------------------------------------------------------------------------------

BUCKET = "arn:aws:s3:::payroll-2026"


def test_a_way_to_a_resource_ends_in_the_permission_on_it() -> None:
    estate: Words = {
        "user/dev": {"allow": ["sts:AssumeRole on role/reader"]},
        "role/reader": {"allow": [f"s3:GetObject on {BUCKET}/*"], "trust": "account"},
        "s3_bucket/payroll-2026": {},
    }
    found = graph(estate)
    [way] = paths.to_resource(found, BUCKET)
    assert way.start == small.arn("user/dev")
    assert way.last is not None
    assert way.last.action == "s3:GetObject"
    assert Telling(found).line(way).endswith(f"role reader → (s3:GetObject) {BUCKET}")
    assert list(paths.to_resource(found, "arn:aws:s3:::other")) == []


def test_a_resource_whose_contents_are_not_known_to_be_taken_is_refused() -> None:
    with pytest.raises(Error, match="how the contents"):
        list(paths.to_resource(graph({"user/dev": {}}), "arn:aws:sns:us-east-1:111122223333:x"))


def test_what_is_sensitive_is_said_by_tags_and_names() -> None:
    tables = small.tables({f"s3_bucket/{n}": {} for n in ("payroll-2026", "logs", "shop", "open")})
    for row, tags in zip(
        tables["s3_bucket"],
        ("{}", "{}", '{"Classification": "Confidential"}', '{"classification": "public"}'),
        strict=True,
    ):
        row["tags"] = tags
    from sharedline.iam.access.estate import build

    tables["s3_bucket"] = [{**row} for row in tables["s3_bucket"]]
    estate = build(tables)
    found = {entry.arn: why for entry, why in sensitive(estate, marks())}
    assert found[BUCKET] == "named payroll"
    assert "arn:aws:s3:::logs" not in found
    assert "arn:aws:s3:::open" not in found
    named = {entry.arn for entry, _ in sensitive(estate, marks(words=["logs"]))}
    assert named == {"arn:aws:s3:::logs"}


def test_a_tag_without_values_stands_for_any_but_no() -> None:
    from sharedline.iam.access.entries import ResourceEntry

    by = marks(tags=["pii", "class=High"])

    def why(**tags: str) -> str:
        return by.why(ResourceEntry("arn:aws:s3:::x", "1", "s3_bucket", tags=tags))

    assert why(PII="yes") == "tagged PII=yes"
    assert why(pii="false") == ""
    assert why(Class="high") == "tagged Class=high"
    assert why(Class="low") == ""


# -- the administrator ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "answer"),
    [
        ({"allow": ["* on *"]}, "yes"),
        ({"allow": ["*:* on *"]}, "yes"),
        ({"allow": ["* on *"], "deny": ["organizations:LeaveOrganization on *"]}, "yes"),
        ({"allow": ["* on *"], "deny": ["iam:* on *"]}, "no"),
        ({"allow": ["iam:* on *"]}, "yes"),
        ({"allow": ["iam:AttachUserPolicy on *"]}, "no"),
        ({"allow": ["* on arn:aws:s3:::x"]}, "no"),
        ({"allow": ["* on * if Bool aws:MultiFactorAuthPresent true"]}, "yes"),
        ({"allow": ["* on * if IpAddress aws:SourceIp 10.0.0.0/8"]}, "unknown"),
        ({}, "no"),
    ],
)
def test_who_is_an_administrator(entry: dict[str, Any], answer: str) -> None:
    found = graph({"user/x": entry})
    assert verdict(found.estate, found.estate.principals[small.arn("user/x")])[0] == answer


# -- the search against a slow and obvious one ------------------------------------------------


def _random(seed: int) -> Words:
    chance = random.Random(seed)  # noqa: S311
    roles, users = [f"r{n}" for n in range(7)], [f"u{n}" for n in range(4)]
    one = chance.choice
    estate: dict[str, dict[str, Any]] = {"policy/p": {"allow": ["iam:*, sts:*, s3:* on *"]}}
    estate["group/g"] = {"allow": [one(["* on *", "iam:Get* on *"])]}
    grants = (
        lambda: f"sts:AssumeRole on role/{one(roles)}",
        lambda: "sts:AssumeRole on *",
        lambda: f"iam:PassRole on role/{one(roles)}",
        lambda: "lambda:* on *",
        lambda: f"iam:AttachRolePolicy on role/{one(roles)}",
        lambda: f"iam:UpdateAssumeRolePolicy on role/{one(roles)}",
        lambda: f"iam:CreateAccessKey on user/{one(users)}",
        lambda: f"iam:PutUserPolicy on user/{one(users)}",
        lambda: "iam:AddUserToGroup on group/g",
        lambda: "iam:CreatePolicyVersion on policy/p",
        lambda: f"sts:AssumeRole on role/{one(roles)} if Bool aws:MultiFactorAuthPresent true",
        lambda: "glue:UpdateDevEndpoint on *",
    )
    services = ("lambda.amazonaws.com", "ec2.amazonaws.com", "glue.amazonaws.com", "account")
    for name in (*(f"role/{r}" for r in roles), *(f"user/{u}" for u in users)):
        entry: dict[str, Any] = {"allow": [one(grants)() for _ in range(chance.randrange(3))]}
        if chance.random() < 0.15:
            entry["allow"] = ["* on *"]
        if chance.random() < 0.2:
            entry["boundary"] = "policy/p"
        if chance.random() < 0.2:
            entry["attached"] = ["policy/p"]
        if name.startswith("role"):
            entry["trust"] = one([*services, f"role/{one(roles)}", f"user/{one(users)}"])
        else:
            entry["keys"] = chance.randrange(3)
        estate[name] = entry
    estate["lambda_function/f"] = {"role": f"role/{one(roles)}"}
    return estate


def _slow(found: Graph) -> dict[str, str]:
    """The surest answer of each node, from every edge there is, again and again until it rests."""
    edges = [edge for node in found.nodes.values() for edge in found.into(node, lambda _: True)]
    best = {key: RANK[answer] for key, answer in found.administrators.items()}
    while True:
        before = dict(best)
        for edge in edges:
            if edge.end in best:
                rank = max(RANK[edge.answer], best[edge.end])
                best[edge.start] = min(rank, best.get(edge.start, rank))
        if best == before:
            return {key: next(w for w, r in RANK.items() if r == best[key]) for key in best}


@pytest.mark.parametrize("seed", range(40))
def test_the_search_finds_what_every_edge_would(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = small.tables(_random(seed))
    quick = of_tables(tables)
    labels = {
        key: next(w for w, rank in RANK.items() if rank == label[0])
        for key, label in quick.to_admin.labels.items()
    }
    # The slow one asks the engine about every principal, rule and aim.
    monkeypatch.setattr(Holding, "_possible", lambda *_: True)
    monkeypatch.setattr(Graph, "_who", lambda self, *_: list(self.nodes.values()))
    slow = of_tables(tables)
    monkeypatch.setattr(Graph, "seekers", property(lambda self: tuple(self.nodes.values())))
    expected = _slow(slow)
    shown = {key: answer for key, answer in expected.items() if key in quick.base}
    assert {key: answer for key, answer in labels.items() if key in quick.base} == shown
    for key in quick.base:
        path = quick.to_admin.path(key)
        if path is not None:
            assert path.answer == labels[key]
            assert path.end in quick.administrators
