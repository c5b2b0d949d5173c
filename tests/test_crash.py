"""Programs killed in the middle of a stream: nothing acknowledged is lost, nothing is applied twice.

FDGW_CRASH_ROUNDS says how often something is killed; at four, each kind of crash comes once.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.processes import Program, fixed_port

Resource = dict[str, Any]

ROUNDS = int(os.environ.get("FDGW_CRASH_ROUNDS", "4"))
SEED = 20261122
BATCH, CONNECTIONS, WINDOW = 240, 4, 8
"""Messages of a round, connections that share them, messages that a connection sends before it waits."""
GIVEN_UP = 0.25
"""How many of the messages whose answer a crash swallowed are never sent again."""
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Admission:
    control_id: str
    visit_no: str
    content: bytes
    charset: str


class Site:
    """A gateway with its database and an adapter, each on a port that it keeps through every crash."""

    def __init__(self, data_dir: Path, logs: Path) -> None:
        self.data_dir = data_dir
        self._logs = logs
        self._fhir_port, self._status_port = fixed_port(), 0
        self.mllp = ("127.0.0.1", 0)
        self.start_gateway()
        self.start_adapter()

    def start_gateway(self) -> None:
        self.gateway = Program(self._logs, self.data_dir, "serve", "--port", str(self._fhir_port))
        self.base = self.gateway.ready()
