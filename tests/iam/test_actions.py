"""The catalogue of actions: names, patterns, kinds of resource."""

from __future__ import annotations

from sharedline.iam.actions import find, matching, of_service, resource_arns, services


def test_an_action_is_found_in_any_case() -> None:
    found = find("S3:getobject")
    assert found is not None
    assert (found.full, found.access_level) == ("s3:GetObject", "Read")
    assert "object" in found.resource_types
    assert "s3:existingobjecttag/<key>" in found.condition_keys


def test_what_aws_has_not_is_not_found() -> None:
    assert find("s3:FetchObject") is None
    assert find("nosuch:Thing") is None
    assert find("s3") is None
    assert of_service("nosuch") == {}


def test_patterns() -> None:
    assert [one.full for one in matching("iam:PassR*")] == ["iam:PassRole"]
    assert matching("nosuch:*") == ()
    everything = sum(len(of_service(one)) for one in services())
    assert len(matching("*")) == len(matching("*:*")) == everything > 15_000
    assert {one.service for one in matching("s?:GetBucket*")} == {"s3"}


def test_kinds_of_resource() -> None:
    arns = resource_arns("s3")
    assert arns["object"].matches("arn:aws:s3:::bucket/a/key")
    assert not arns["bucket"].matches("arn:aws:iam::111111111111:role/x")
    assert resource_arns("iam")["role"].matches("arn:aws:iam::111111111111:role/a/b")
    assert resource_arns("nosuch") == {}
