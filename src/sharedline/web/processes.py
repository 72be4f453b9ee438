"""Several processes that serve one project: Python runs one page at a time in each."""

from __future__ import annotations

import os
import socket
import threading
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from sharedline.project import open_project
from sharedline.state.database import Database
from sharedline.web.app import create_app
from sharedline.web.site import Site

#: The most that may be started: each may hold streams of one browser, which has six connections.
MOST = 4
#: Seconds that a process may be silent before another takes its place; a busy machine is no failure.
SILENT = 60


def default() -> int:
    """As many as this process may use cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(MOST, cores or 1))


@dataclass(frozen=True, slots=True)
class Application:
    """Makes the application anew in each process; everything that they share is in the database."""

    folder: Path
    address: str
    tls: bool
    processes: int

    def __call__(self) -> FastAPI:
        """The application over the project."""
        _end_with_the_first()
        project = open_project(self.folder)
        database = Database(project.database_url)
        return create_app(
            Site(project, database, self.address, tls=self.tls, processes=self.processes)
        )


def run(config: uvicorn.Config, listening: socket.socket) -> None:
    """Serves with `config.workers` processes; one that ends is started again. Until SIGTERM."""
    if config.workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
    else:
        Multiprocess(config, [listening]).run()


def _end_with_the_first() -> None:
    """A process whose first one was killed would go on answering, and hold the port."""
    first = parent_process()
    if first is None:  # we are the first
        return
    sentinel = first.sentinel

    def wait() -> None:
        connection.wait([sentinel])
        os._exit(1)  # whatever it is at: as if all had been killed at once

    threading.Thread(target=wait, name="first", daemon=True).start()
