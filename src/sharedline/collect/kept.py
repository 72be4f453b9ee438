"""What botocore works out anew for each client and each call, kept as long as the process lives.

Each part is botocore's own with a memory; what is remembered depends on nothing that changes while
a scan runs (environment, configuration files, the rules of endpoints).
"""

from __future__ import annotations

import copy
import functools
import os
import sys
from typing import Any

import botocore.hooks
from botocore.configprovider import ConfigValueStore
from botocore.context import get_context
from botocore.endpoint_provider import EndpointProvider
from botocore.hooks import EventAliaser
from botocore.useragent import UserAgentString

#: Endpoints kept per service; where each call has a parameter of its own, the memory starts anew.
ENDPOINTS = 500
#: Settings of these types are kept; others are worked out each time.
_PLAIN = (str, int, float, bool, type(None))


class Settings(ConfigValueStore):  # type: ignore[misc]
    """A session's settings, each looked up once: a client asks for forty of them.

    For a session whose variables nobody sets any more: what was looked up stays as it was.
    """

    def __init__(self, usual: ConfigValueStore) -> None:
        super().__init__()
        self._overrides = dict(usual._overrides)  # noqa: SLF001
        self._mapping = dict(usual._mapping)  # noqa: SLF001
        self._values: dict[str, Any] = dict(getattr(usual, "_values", {}))

    def __copy__(self) -> Settings:
        return Settings(self)

    def get_config_variable(self, logical_name: str) -> Any:
        """The value of a setting."""
        if logical_name not in self._values:
            value = super().get_config_variable(logical_name)
            if not isinstance(value, (*_PLAIN, dict)):
                return value
            self._values[logical_name] = value
        value = self._values[logical_name]
        return dict(value) if isinstance(value, dict) else value  # botocore changes what it gets

    def set_config_variable(self, logical_name: str, value: Any) -> None:
        """Has the setting be this value."""
        self._values.pop(logical_name, None)
        super().set_config_variable(logical_name, value)

    def clear_config_variable(self, logical_name: str) -> None:
        """Has the setting be what its provider says."""
        self._values.pop(logical_name, None)
        super().clear_config_variable(logical_name)

    def set_config_provider(self, logical_name: str, provider: Any) -> None:
        """Has the setting be what this provider says."""
        getattr(self, "_values", {}).pop(logical_name, None)
        super().set_config_provider(logical_name, provider)


class Endpoints(EndpointProvider):  # type: ignore[misc]
    """The endpoints of a service, each worked out from the rules once.

    Botocore keeps one hundred for all services together, fewer than one Region needs.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._found: dict[frozenset[tuple[str, Any]], Any] = {}

    def resolve_endpoint(self, **input_parameters: Any) -> Any:
        """The endpoint for a call's parameters."""
        try:
            key = frozenset(input_parameters.items())
            found = self._found.get(key)
        except TypeError:  # a list among them
            return super().resolve_endpoint(**input_parameters)
        if found is None:
            found = super().resolve_endpoint(**input_parameters)
            if len(self._found) >= ENDPOINTS:
                self._found = {}
            self._found[key] = found
        return found


class EndpointRules:
    """Makes one `Endpoints` of each set of rules: reading them takes a quarter of a client's time."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, int], tuple[Any, Any, Endpoints]] = {}

    def __call__(self, ruleset_data: Any, partition_data: Any, **named: Any) -> Any:
        """As `EndpointProvider(...)`."""
        key = (id(ruleset_data), id(partition_data))  # kept beside it, so no other gets the id
        if key not in self._made:
            made = Endpoints(ruleset_data=ruleset_data, partition_data=partition_data, **named)
            self._made[key] = (ruleset_data, partition_data, made)
        return self._made[key][2]


class Events(EventAliaser):  # type: ignore[misc]
    """Events whose old names are looked up once: there are 65, gone through for each event."""

    def __copy__(self) -> Events:
        made = Events(copy.copy(self._emitter), self._event_aliases)
        made._alias_name_cache = self._alias_name_cache
        return made


class Agent(UserAgentString):  # type: ignore[misc]
    """Says who calls, put together once for the same parts and not twice for each call."""

    def __init__(self, usual: UserAgentString) -> None:
        self.__dict__.update(usual.__dict__)
        self._texts: dict[Any, str] = {}

    def to_string(self) -> str:
        """The header's text."""
        try:
            config, context = vars(self._client_config or object), get_context()
            key = (
                self._session_user_agent_name,
                self._session_user_agent_version,
                self._session_user_agent_extra,
                frozenset(self._client_features or ()),
                frozenset(context.features) if context else None,
                config.get("_supplied_user_agent", config.get("user_agent")),
                "_supplied_user_agent" in config,
                (config.get("retries") or {}).get("mode"),
                config.get("endpoint_discovery_enabled"),
                config.get("user_agent_appid"),
                config.get("user_agent_extra"),
            )
            if key not in self._texts:
                self._texts[key] = super().to_string()
            return self._texts[key]
        except TypeError:  # a part that cannot be compared
            return str(super().to_string())


_usual_accepts = botocore.hooks.accepts_kwargs


@functools.lru_cache(2048)
def _accepts(function: Any) -> Any:
    return _usual_accepts(function)


def accepts_kwargs(function: Any) -> Any:
    """As botocore's, which inspects each handler's signature for each client."""
    return _accepts(getattr(function, "__func__", function))


@functools.cache
def no_proxies() -> bool:
    """Whether the environment names no proxy at all, be it for whatever address."""
    return sys.platform == "linux" and not any(n.lower().endswith("_proxy") for n in os.environ)
