"""Makes botocore clients cheaply: what does not depend on the Region is made once per process.

Every client is still made by botocore's own code, so that endpoints and signatures are botocore's;
only service models, client classes and connections are shared. Without that, the second client
of a service costs as much as the first (3 ms, and its own copy of every shape it parses), and every
TLS connection reads the CA certificates anew (20 ms; both measured 2026-11-21).
"""

from __future__ import annotations

import threading
from typing import Any

import botocore.client
import botocore.session
from botocore.config import Config
from botocore.httpsession import URLLib3Session, get_cert_path

#: Hosts (service x Region) whose connections are kept open; older ones are closed.
HOSTS = 256
#: Connections kept open to one host.
CONNECTIONS = 64
#: Guards `botocore.client.ClientCreator`, which is ours while a client is made.
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
        if conn.ca_certs:
            conn.ca_certs = None  # the pool's context has them; given here, each connection reads them


class Factory:
    """Makes the clients of one process."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, Any], Any] = {}
        self._classes: dict[int, Any] = {}
        self._creators: dict[Any, Any] = {}
        self._sessions: dict[str, Connections] = {}

    def client(
        self,
        session: botocore.session.Session,
        service: str,
        region: str,
        endpoint_url: str,
        config: Config,
    ) -> Any:
        """A client such as `session.create_client` makes it."""
        with _LOCK:
            usual = botocore.client.ClientCreator
            if usual not in self._creators:
                self._creators[usual] = self._creator(usual)
            botocore.client.ClientCreator = self._creators[usual]
            try:
                return session.create_client(
                    service, region_name=region, endpoint_url=endpoint_url or None, config=config
                )
            finally:
                botocore.client.ClientCreator = usual

    def _creator(self, usual: type[Any]) -> type[Any]:
        """botocore's creator, with models, classes and connections from this factory.

        Should a later botocore not call these methods any more, clients cost more but stay right.
        """
        factory = self

        class Creator(usual):  # type: ignore[misc]
            def _load_service_model(self, service_name: str, api_version: Any = None) -> Any:
                key = (service_name, api_version)
                if key not in factory._models:
                    factory._models[key] = super()._load_service_model(service_name, api_version)
                return factory._models[key]

            def _create_client_class(self, service_name: str, service_model: Any) -> Any:
                key = id(service_model)
                if factory._models.get((service_name, None)) is not service_model:
                    return super()._create_client_class(service_name, service_model)
                if key not in factory._classes:
                    made = super()._create_client_class(service_name, service_model)
                    factory._classes[key] = made
                return factory._classes[key]

            def _get_client_args(self, *given: Any, **named: Any) -> Any:
                args = super()._get_client_args(*given, **named)
                endpoint = args["endpoint"]
                endpoint.http_session = factory._shared(endpoint.http_session)
                return args

        return Creator

    def _shared(self, own: Any) -> Any:
        """The connections that a client may share with those of the same settings."""
        if type(own) is not URLLib3Session:
            return own  # somebody has put another in its place
        proxy = own._proxy_config  # noqa: SLF001 botocore tells these to nobody
        settings = {
            "verify": own._verify,  # noqa: SLF001
            "proxies": proxy._proxies,  # noqa: SLF001
            "timeout": (own._timeout.connect_timeout, own._timeout.read_timeout),  # noqa: SLF001
            "socket_options": own._socket_options,  # noqa: SLF001
            "client_cert": (own._cert_file, own._key_file) if own._cert_file else None,  # noqa: SLF001
            "proxies_config": proxy._proxies_settings,  # noqa: SLF001
        }
        key = repr(settings)
        if key not in self._sessions:
            self._sessions[key] = Connections(**settings, max_pool_connections=CONNECTIONS)
        return self._sessions[key]
