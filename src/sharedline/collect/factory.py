"""Makes botocore clients cheaply: what does not depend on the Region is made once per process.

Every client is still made by botocore's own code, so that endpoints and signatures are botocore's;
only service models, client classes and connections are shared. Without that, the second client
of a service costs as much as the first (3 ms, and its own copy of every shape it parses), and every
TLS connection reads the CA certificates anew (20 ms; both measured 2026-11-21).
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.args
import botocore.client
import botocore.exceptions
import botocore.hooks
import botocore.regions
import botocore.session
from botocore.args import EndpointCreator
from botocore.client import ClientCreator
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST
from botocore.hooks import EVENT_ALIASES, HierarchicalEmitter
from botocore.httpsession import URLLib3Session, get_cert_path
from botocore.model import ServiceModel

from sharedline.collect.kept import (
    Agent,
    EndpointRules,
    Events,
    Settings,
    accepts_kwargs,
    no_proxies,
)
from sharedline.collect.slim import WHOLE, Operations, slim_loader

#: Hosts (service x Region) whose connections are kept open; those not used for longest are closed.
HOSTS = 256
#: Connections kept open to one host.
CONNECTIONS = 64
#: Guards the names in botocore that are ours while a client is made. What ours are made of is imported
#: by name, above: looked up in botocore, it might be another factory's at that moment.
_LOCK = threading.RLock()


@contextlib.contextmanager
def replaced(ours: Mapping[tuple[Any, str], Any]) -> Iterator[None]:
    """Has names of botocore's modules mean ours for a moment, in this thread."""
    with _LOCK:
        usual = {place: getattr(*place) for place in ours}
        try:
            for (module, name), value in ours.items():
                setattr(module, name, _here(value, usual[module, name]))
            yield
        finally:
            for (module, name), value in usual.items():
                setattr(module, name, value)


def _here(ours: Any, usual: Any) -> Any:
    """Ours for this thread, the usual for others: they may make clients of their own meanwhile."""
    thread = threading.get_ident()

    def call(*given: Any, **named: Any) -> Any:
        return (ours if threading.get_ident() == thread else usual)(*given, **named)

    return call


def concerns(event: str, service: str, service_id: str) -> bool:
    """Whether an event `kind.service.operation` may be emitted by a client of the service."""
    kind, _, rest = event.partition(".")
    if kind == "docs":
        return False
    first = rest.partition(".")[0]
    if first in ("", "*", service, service_id):
        return True
    # An alias may stand for several parts (`runtime.sagemaker`).
    return any(
        rest.startswith(old) and new in (service, service_id)
        for old, new in EVENT_ALIASES.items()
    )


class Connections(URLLib3Session):  # type: ignore[misc]
    """botocore's HTTP session for many hosts, with the CA certificates read once."""

    def _get_ssl_context(self) -> Any:
        context = super()._get_ssl_context()
        if self._verify:
            context.load_verify_locations(get_cert_path(self._verify))
        return context

    def _get_pool_manager_kwargs(self, **more: Any) -> dict[str, Any]:
        return dict(super()._get_pool_manager_kwargs(**{"num_pools": HOSTS, **more}))

    def _setup_ssl_cert(self, conn: Any, url: str, verify: Any) -> None:
        super()._setup_ssl_cert(conn, url, verify)
        if conn.ca_certs:  # the pool's context has them; named here, each connection reads them
            conn.ca_certs = None


class Factory:
    """Makes the clients of one process; not called by two threads at once.

    `operations` names, by service, those that will be called; other services are known whole.
    """

    def __init__(self, operations: Operations | None = None) -> None:
        self._operations = {k: v for k, v in (operations or {}).items() if k not in WHOLE}
        self._loaders: dict[int, tuple[Any, Any]] = {}
        self._event_names: dict[str, str] = {}
        self._emitters: dict[str, Events] = {}
        self._plain = False
        self._models: dict[tuple[str, Any], Any] = {}
        self._classes: dict[str, tuple[Any, Any]] = {}
        self._connections: dict[str, Connections] = {}
        self._ours = {
            (botocore.client, "ClientCreator"): self._client_creator(),
            (botocore.args, "EndpointCreator"): self._endpoint_creator(),
            (botocore.regions, "EndpointProvider"): EndpointRules(),
            (botocore.hooks, "accepts_kwargs"): accepts_kwargs,
        }

    def client(
        self,
        session: botocore.session.Session,
        service: str,
        region: str,
        endpoint_url: str,
        config: Config,
        *,
        plain: bool = False,
    ) -> Any:
        """A client as `session.create_client` makes it.

        A `plain` session has botocore's own event handlers and no others.
        """
        with replaced(self._ours):
            self._plain = plain
            if plain:
                self._settle(session)
            client = session.create_client(
                service, region_name=region, endpoint_url=endpoint_url or None, config=config
            )
        self._share_names(client.meta.events)
        return client

    def _settle(self, session: botocore.session.Session) -> None:
        """Has a session remember its settings and its name."""
        settings = session.get_component("config_store")
        if not isinstance(settings, Settings):
            session.register_component("config_store", Settings(settings))
            agent = session.get_component("user_agent_creator")
            session.register_component("user_agent_creator", Agent(agent))

    def prepare(self, session: botocore.session.Session) -> None:
        """Reads the models of the services that will be called, and the rules of their endpoints."""
        loader = self._loader(session.get_component("data_loader"))
        partitions = loader.load_data("partitions")
        rules = self._ours[botocore.regions, "EndpointProvider"]
        for service in self._operations:
            try:
                found = loader.load_service_model(service, "service-2")
                endpoints = loader.load_service_model(service, "endpoint-rule-set-1")
                loader.load_service_model(service, "paginators-1")
            except botocore.exceptions.DataNotFoundError:  # a client says what is missing
                continue
            self._models[service, None] = ServiceModel(found, service_name=service)
            rules(ruleset_data=endpoints, partition_data=partitions)

    def widen(self, service: str) -> bool:
        """Has later clients of a service know all its operations; False where they do."""
        if service not in self._operations:
            return False
        del self._operations[service]
        self._loaders.clear()
        self._models.clear()
        return True

    def _share_names(self, events: Any) -> None:
        """Old names of events are looked up in 65 aliases, by each client for each event anew."""
        if hasattr(events, "_alias_name_cache"):
            self._event_names.update(events._alias_name_cache)  # noqa: SLF001
            events._alias_name_cache = self._event_names  # noqa: SLF001

    def _emitter(self, service: str, service_id: Any) -> Events:
        """An emitter with botocore's handlers for one service; each client gets a copy.

        A copy of all of them takes 90 kB and 0.3 ms, most of it for documentation and for services
        that this client is not of.
        """
        if service not in self._emitters:
            made = Events(HierarchicalEmitter())
            self._share_names(made)
            for event, handler, *order in BUILTIN_HANDLERS:
                if concerns(event, service, service_id.hyphenize()):
                    register = {
                        (): made.register,
                        (REGISTER_FIRST,): made.register_first,
                        (REGISTER_LAST,): made.register_last,
                    }[tuple(order)]
                    register(event, handler)
            self._emitters[service] = made
        return self._emitters[service]

    def _loader(self, usual: Any) -> Any:
        """The session's loader, with service models cut down."""
        if id(usual) not in self._loaders:
            self._loaders[id(usual)] = (usual, slim_loader(usual, self._operations))
        return self._loaders[id(usual)][1]

    def _client_creator(self) -> Any:
        """Botocore's creator, keeping what it makes of a service's model.

        Should a later botocore not call these methods any more, clients cost more but stay right.
        """
        factory, models, classes, slim = self, self._models, self._classes, self._loader

        class Creator(ClientCreator):  # type: ignore[misc]
            def __init__(self, loader: Any, *given: Any, **named: Any) -> None:
                super().__init__(slim(loader), *given, **named)

            def create_client(self, service_name: str, *given: Any, **named: Any) -> Any:
                if factory._plain:
                    model = self._load_service_model(service_name)
                    self._event_emitter = factory._emitter(service_name, model.service_id)
                return super().create_client(service_name, *given, **named)

            def _load_service_model(self, service_name: str, api_version: Any = None) -> Any:
                key = (service_name, api_version)
                if key not in models:
                    models[key] = super()._load_service_model(service_name, api_version)
                return models[key]

            def _create_client_class(self, service_name: str, service_model: Any) -> Any:
                kept = classes.get(service_name)
                if kept is None or kept[0] is not service_model:
                    made = super()._create_client_class(service_name, service_model)
                    kept = classes[service_name] = (service_model, made)
                return kept[1]

        return Creator

    def _endpoint_creator(self) -> Any:
        """Botocore's creator, giving endpoints of the same settings the same connections."""
        kept = self._connections

        def shared(**settings: Any) -> Connections:
            settings["max_pool_connections"] = CONNECTIONS
            key = repr(sorted(settings.items()))
            if key not in kept:
                kept[key] = Connections(**settings)
            return kept[key]

        class Creator(EndpointCreator):  # type: ignore[misc]
            create_endpoint = functools.partialmethod(
                EndpointCreator.create_endpoint, http_session_cls=shared
            )

            def _get_proxies(self, url: str) -> Any:
                return {} if no_proxies() else super()._get_proxies(url)

        return Creator
