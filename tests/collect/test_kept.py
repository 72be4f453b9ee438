"""What is kept is what botocore would have said again, and gives way where that changes."""

from __future__ import annotations

import copy
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.context import start_as_current_context
from botocore.endpoint_provider import EndpointProvider
from botocore.useragent import UserAgentString, register_feature_id

from sharedline.collect.kept import Agent, EndpointRules, Settings, accepts_kwargs


def settings(session: Any) -> Settings:
    return Settings(session.get_component("config_store"))


def test_settings_are_those_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "7")
    session = botocore.session.Session()
    kept, usual = settings(session), session.get_component("config_store")
    for name in ("region", "max_attempts", "s3", "ca_bundle", "api_versions", "retry_mode", "none"):
        for _ in range(2):
            assert kept.get_config_variable(name) == usual.get_config_variable(name)


def test_what_the_session_sets_counts() -> None:
    session = botocore.session.Session()
    session.register_component("config_store", settings(session))
    session.set_config_variable("region", "eu-west-3")
    assert session.get_config_variable("region") == "eu-west-3"


def test_a_copy_of_settings_does_not_change_the_first() -> None:
    kept = settings(botocore.session.Session())
    kept.set_config_variable("region", "eu-west-1")
    other = copy.copy(kept)
    other.set_config_variable("region", "eu-west-2")
    assert kept.get_config_variable("region") == "eu-west-1"
    assert other.get_config_variable("region") == "eu-west-2"
    other.clear_config_variable("region")
    assert other.get_config_variable("region") is None


def test_a_setting_that_is_changed_by_its_reader_is_kept_as_it_was() -> None:
    kept = settings(botocore.session.Session())
    kept.set_config_variable("s3", {"addressing_style": "path"})
    kept.get_config_variable("s3")["use_accelerate_endpoint"] = True
    assert kept.get_config_variable("s3") == {"addressing_style": "path"}


def test_endpoints_are_those_of_the_rules() -> None:
    loader = botocore.session.Session().get_component("data_loader")
    partitions, rules = loader.load_data("partitions"), EndpointRules()
    for service in ("sqs", "iam", "dynamodb"):
        data = loader.load_service_model(service, "endpoint-rule-set-1")
        usual = EndpointProvider(data, partitions)
        kept = rules(ruleset_data=data, partition_data=partitions)
        assert rules(ruleset_data=data, partition_data=partitions) is kept
        for region in ("us-east-1", "cn-north-1", "eu-west-1", "us-east-1"):
            asked = {"Region": region, "UseFIPS": False, "UseDualStack": False}
            assert kept.resolve_endpoint(**asked) == usual.resolve_endpoint(**asked)
        with pytest.raises(Exception, match="Region"):
            kept.resolve_endpoint(UseFIPS=False)


def test_who_calls_is_said_as_botocore_says_it() -> None:
    usual = UserAgentString.from_environment().set_session_config("Botocore", "1", "extra")
    kept = Agent(usual)
    for config in (
        None,
        Config(user_agent_extra="sharedline"),
        Config(user_agent_extra="sharedline", retries={"mode": "adaptive"}),
        Config(user_agent="mine", user_agent_appid="app"),
    ):
        for feature in (None, "WAITER", "PAGINATOR"):
            with start_as_current_context():
                if feature:
                    register_feature_id(feature)
                expected = usual.with_client_config(config).to_string()
                for _ in range(2):
                    assert kept.with_client_config(config).to_string() == expected


class _Handler:
    def takes(self, **_: Any) -> None:
        """A handler."""

    def takes_not(self, one: int) -> None:
        """No handler."""


def test_handlers_must_take_what_comes() -> None:
    for _ in range(2):
        assert accepts_kwargs(_Handler().takes)
        assert not accepts_kwargs(_Handler().takes_not)
