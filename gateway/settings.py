"""Every setting of the gateway, read once: environment `FDGW_*` over defaults."""

import json
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Any

from pydantic import field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^/\s,*]+")


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
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins whose pages may use the FHIR API from a browser, with commas between; `*` for every one, none without."""
    worker_seconds: float = 5.0
    """How often the background loop looks at due timers."""
    referential_integrity: bool = True
    """What a resource refers to must exist, and cannot be deleted while something refers to it."""
    multiple_delete: bool = False
    """A conditional delete may delete more than one resource."""
    outbox_days: int = 7
    """How long the outbox keeps what was written."""

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _origins(cls, given: Any) -> Any:  # noqa: ANN401 - the text of the environment, or a tuple
        listed = given.split(",") if isinstance(given, str) else given
        origins = tuple(origin for one in listed if (origin := one.strip().rstrip("/")))
        if not all(_ORIGIN.fullmatch(origin) for origin in origins):
            raise ValueError("应为以逗号分隔的来源,如 https://app.example,或 *;must be origins like these, or *")
        return origins


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
