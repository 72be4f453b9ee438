"""Makes botocore clients cheaply: what does not depend on the Region is made once per process.

Every client is still made by botocore's own code, so that endpoints and signatures are botocore's;
only service models, client classes and connections are shared. Without that, the second client
of a service costs as much as the first (3 ms, and its own copy of every shape it parses), and every
TLS connection reads the CA certificates anew (20 ms; both measured 2026-11-21).
"""

from __future__ import annotations

import functools
import threading
from typing import Any

import botocore.args
import botocore.client
import botocore.session
from botocore.config import Config
from botocore.httpsession import URLLib3Session, get_cert_path

from sharedline.collect.slim import WHOLE, Operations, slim_loader

#: Hosts (service x Region) whose connections are kept open; those not used for longest are closed.
HOSTS = 256
#: Connections kept open to one host.
CONNECTIONS = 64
#: Guards the two names in botocore that are ours while a client is made.
_LOCK = threading.RLock()


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
        self._models: dict[tuple[str, Any], Any] = {}
        self._classes: dict[str, tuple[Any, Any]] = {}
        self._connections: dict[str, Connections] = {}
        self._creators = (self._client_creator(), self._endpoint_creator())

    def client(
        self,
        session: botocore.session.Session,
        service: str,
        region: str,
        endpoint_url: str,
        config: Config,
    ) -> Any:
        """A client as `session.create_client` makes it."""
        with _LOCK:
            usual = botocore.client.ClientCreator, botocore.args.EndpointCreator
            botocore.client.ClientCreator, botocore.args.EndpointCreator = self._creators
            try:
                client = session.create_client(
                    service, region_name=region, endpoint_url=endpoint_url or None, config=config
                )
            finally:
                botocore.client.ClientCreator, botocore.args.EndpointCreator = usual
        self._share_names(client.meta.events)
        return client

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

    def _loader(self, usual: Any) -> Any:
        """The session's loader, with service models cut down."""
        if id(usual) not in self._loaders:
            self._loaders[id(usual)] = (usual, slim_loader(usual, self._operations))
        return self._loaders[id(usual)][1]

    def _client_creator(self) -> Any:
        """Botocore's creator, keeping what it makes of a service's model.

        Should a later botocore not call these methods any more, clients cost more but stay right.
        """
        models, classes, slim = self._models, self._classes, self._loader

        class Creator(botocore.client.ClientCreator):  # type: ignore[misc]
            def __init__(self, loader: Any, *given: Any, **named: Any) -> None:
                super().__init__(slim(loader), *given, **named)

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

        class Creator(botocore.args.EndpointCreator):  # type: ignore[misc]
            create_endpoint = functools.partialmethod(
                botocore.args.EndpointCreator.create_endpoint, http_session_cls=shared
            )

        return Creator
