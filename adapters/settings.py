"""Every setting of the adapters, read once: environment `FDGW_*` over defaults."""

import os
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from profiles import json


def default_data_dir() -> Path:
    """/var/lib/fdgw for root, $XDG_DATA_HOME/fdgw for everybody else."""
    if os.geteuid() == 0:
        return Path("/var/lib/fdgw")
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "fdgw"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FDGW_", frozen=True)

    data_dir: Path = default_data_dir()
    gateway_url: str = "http://127.0.0.1:8080/fhir"
    gateway_token: SecretStr | None = None
    """Without it the token "adapter" of `tokens.json` in the data directory is used."""
    gateway_seconds: float = 30
    """How long one answer of the gateway may take."""
    gateway_parallel: int = 8
    """Patients whose messages are on their way to the gateway at the same time."""

    hl7v2_host: str = "127.0.0.1"
    hl7v2_port: int = 2575
    hl7v2_status_port: int = 2576
    """Health and metrics over HTTP, on the same host."""
    hl7v2_frame_limit: int = 16 * 1024 * 1024
    """Bytes of a message; larger ones are refused."""
    hl7v2_connections: int = 256
    hl7v2_idle_seconds: float = 3600
    hl7v2_frame_seconds: float = 120
    """How long a message may take from its first byte to its last."""
    hl7v2_drain_seconds: float = 10
    """How long a stop waits for answers under way."""
    hl7v2_acknowledgement: Literal["negotiated", "original"] = "negotiated"
    """Whether MSH-15 and MSH-16 are obeyed; some senders fill them in and still expect AA."""

    @property
    def inbox(self) -> Path:
        return self.data_dir / "inbox.db"

    def token(self) -> str:
        """The bearer token as it is now; empty while the gateway has not yet written one."""
        if self.gateway_token:
            return self.gateway_token.get_secret_value()
        try:
            tokens = json.loads((self.data_dir / "tokens.json").read_bytes())
        except FileNotFoundError:
            return ""
        token: str = tokens["adapter"]["token"]
        return token
