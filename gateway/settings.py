"""Every setting of the gateway, read once: environment `FDGW_*` over defaults."""

import json
import os
import secrets
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """/var/lib/fdgw for root, $XDG_DATA_HOME/fdgw for everybody else."""
    if os.geteuid() == 0:
        return Path("/var/lib/fdgw")
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "fdgw"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FDGW_", frozen=True)

    data_dir: Path = default_data_dir()
    database_url: str | None = None
    """Any PostgreSQL ≥ 15; without it an embedded one is started in the data directory."""
    host: str = "127.0.0.1"
    port: int = 8080
    base_url: str | None = None
    """The public address of the FHIR API, where it differs from what the server is asked for."""
    body_limit: int = 32 * 1024 * 1024
    """Bytes of a request body; larger ones answer 413."""
    worker_seconds: float = 5.0
    """How often the background loop looks at due timers."""
    outbox_days: int = 7
    """How long the outbox keeps what was written."""


_SCOPES = {"developer": "system/*.cruds", "adapter": "system/$process-message"}


def development_tokens(data_dir: Path) -> dict[str, dict[str, str]]:
    """`{name: {token, scope}}` from tokens.json, made at the first start and readable by its owner only."""
    path = data_dir / "tokens.json"
    if not path.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        tokens = {name: {"token": secrets.token_urlsafe(32), "scope": scope} for name, scope in _SCOPES.items()}
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(tokens, indent=2))
        _publish(fresh, path)
    loaded: dict[str, dict[str, str]] = json.loads(path.read_text())
    return loaded


def _publish(fresh: Path, path: Path) -> None:
    """The first of two processes that start together wins; the other uses its file."""
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
