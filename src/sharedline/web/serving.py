"""Listens, and serves the application until it is told to stop."""

from __future__ import annotations

import ipaddress
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import uvicorn

from sharedline.errors import Error
from sharedline.project import Project
from sharedline.web import processes, tls
from sharedline.web.processes import Application


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, and how it is reached."""

    host: str = "127.0.0.1"
    port: int = 8600
    address: str = ""
    certificate: Path | None = None
    key: Path | None = None
    proxy: str = ""
    #: How many processes serve; 0 leaves it to the machine.
    processes: int = 0


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(where: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((where.host, where.port))
        found.listen(2048)  # before it is said, so that who reads it can connect
    except OSError as error:
        found.close()
        raise Error(
            f"{where.host}:{where.port} cannot be listened on ({error.strerror}).",
            "Choose another --port, or stop what uses it.",
        ) from error
    return found


def serve(project: Project, where: Listen) -> None:
    """Serves until SIGTERM or Ctrl-C; says where on stderr once it listens.

    Whoever calls has opened the database: what is wrong with it is told by then.
    """
    tls.check(where.certificate, where.key)
    tls.check_address(where.address, where.certificate)
    with _bound(where) as listening:
        port = listening.getsockname()[1]
        scheme = "https" if where.certificate else "http"
        address = where.address.rstrip("/")
        secured = where.certificate is not None
        count = where.processes or processes.default()
        config = uvicorn.Config(
            Application(project.folder, address, secured, count),
            factory=True,
            workers=count,
            timeout_worker_healthcheck=processes.SILENT,
            log_level="warning",
            access_log=False,
            server_header=False,
            ssl_certfile=where.certificate,
            ssl_keyfile=where.key,
            proxy_headers=bool(where.proxy),
            forwarded_allow_ips=where.proxy or None,
            timeout_graceful_shutdown=5,
        )
        shown = f"[{where.host}]" if ":" in where.host else where.host
        click.echo(f"Listening on {scheme}://{shown}:{port}/  (Ctrl-C ends it)", err=True)
        if not _local(where.host) and not (secured or address.startswith("https://")):
            click.echo(
                "Passwords travel unprotected: give --certificate and --key, or an https --address"
                " of a proxy that speaks TLS.",
                err=True,
            )
        sys.stderr.flush()
        processes.run(config, listening)
