"""One PostgreSQL cluster of ours: made by initdb, started and stopped by pg_ctl, asked over its socket.

https://www.postgresql.org/docs/18/app-pg-ctl.html
"""

import hashlib
import os
import shlex
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from sys import platform
from types import MappingProxyType
from typing import LiteralString
from urllib.parse import quote

import psycopg

from gateway.storage.programs import Account, EmbeddedPostgresError, Programs

DATABASE = "fdgw"
START_SECONDS = 600  # replaying the log after a crash takes its time; a start that fails does so at once
STOP_SECONDS = 60

_PORT = 5432  # only names the socket
_SOCKET = f".s.PGSQL.{_PORT}"
_SOCKET_PATH_BYTES = 103  # sun_path without its NUL on macOS; Linux has 107
_NO_PID = 2**31 - 1

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "port": str(_PORT),
        "shared_buffers": "256MB",
        # The first touch of a page after a checkpoint logs it whole, so checkpoints are rare. Compressing
        # these pages with pglz, all that the wheel has, cost 15 % of the transactions of pgbench.
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "on",
        "log_filename": "postgresql-%a.log",  # a week of days, each overwritten by its next namesake
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        # A failed statement is the client's to report. Here its text or its key could name a person.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
)

# Unicode's own rules for characters and code point order for sorting, the same on every machine. LC_CTYPE
# matters besides: with "C", pg_trgm finds no letter in a Chinese name.
_INITDB = (
    *("--username=postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"),
    f"--lc-ctype={'UTF-8' if platform == 'darwin' else 'C.UTF-8'}",
    "--text-search-config=simple",
)
_INITDB_17 = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster, known by the folder of its socket."""

    sockets: Path

    def url(self, database: str = DATABASE, user: str = DATABASE) -> str:
        """Return the libpq URL; `fdgw` owns its databases and may create more, `postgres` may do all."""
        sockets = quote(os.fsencode(self.sockets), safe="")
        return f"postgresql://{user}@/{quote(database, safe='')}?host={sockets}&port={_PORT}"


@dataclass(frozen=True, slots=True)
class Server:
    """The cluster's folder, the programs that serve it and the account that they run as."""

    folder: Path
    programs: Programs
    account: Account

    def control(self, command: str, *options: str) -> CompletedProcess[str]:
        return self.account.run(self.programs.folder / "pg_ctl", command, *options, folder=self.folder)

    def runs(self) -> bool:
        _disown(self.folder / "postmaster.pid")
        return self.control("status").returncode == 0


def failure(chinese: str, english: str) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(f"{chinese} / {english}")


def create(server: Server, lock: int, *, durable: bool) -> None:
    """Make the cluster beside its place and move it there whole; one that broke off is thrown away.

    initdb holds `lock` even when we are killed, so that nobody clears the folder under its hands.
    """
    fresh = server.folder.with_name("postgres.new")
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    server.account.own(fresh)
    options = [
        *_INITDB,
        *(_INITDB_17 if server.programs.major >= 17 else ()),
        *(() if durable else ("--no-sync",)),
    ]
    made = server.account.run(server.programs.folder / "initdb", *options, folder=fresh, lock=lock)
    if made.returncode:
        raise failure("无法创建数据库集群", f"initdb failed in {fresh}:\n{made.stdout}{made.stderr}")
    fresh.rename(server.folder)
    parent = os.open(server.folder.parent, os.O_RDONLY)
    os.fsync(parent)
    os.close(parent)


def serve(server: Server, settings: Mapping[str, str]) -> Cluster:
    """Start the cluster unless it runs, and wait until it answers."""
    server.account.own(server.folder)
    pid_file = server.folder / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not server.runs():
            _start(server, settings)
        cluster = _answering(pid_file)
        if cluster:
            return cluster
        time.sleep(0.05)
    raise failure("PostgreSQL 未响应", f"no answer within {START_SECONDS} s:\n{_log_tail(server.folder)}")


def stop(server: Server) -> None:
    """Stop the cluster: its clients are cut off, what they committed is kept."""
    for mode in ("fast", "immediate"):
        if not server.runs():
            return
        server.control("stop", "--wait", f"--timeout={STOP_SECONDS}", f"--mode={mode}")
    if server.runs():
        raise failure("PostgreSQL 无法停止", f"PostgreSQL does not stop:\n{_log_tail(server.folder)}")


def _start(server: Server, settings: Mapping[str, str]) -> None:
    sockets = _socket_folder(server)
    _disown(sockets / f"{_SOCKET}.lock")
    quoted = str(sockets).replace('"', '""')
    chosen = {**settings, "unix_socket_directories": f'"{quoted}"'}
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in chosen.items())
    (server.folder / "start.log").unlink(missing_ok=True)
    waiting = ("--wait", f"--timeout={START_SECONDS}", "--log=start.log")
    started = server.control("start", *waiting, f"--options={options}")
    log = _log_tail(server.folder)
    # After a SIGKILL of the postmaster its children need a moment to notice: then `serve` tries again.
    if started.returncode and "pre-existing shared memory block" not in log:
        raise failure("PostgreSQL 启动失败", f"PostgreSQL does not start: {started.stderr.strip()}\n{log}")


def _answering(pid_file: Path) -> Cluster | None:
    """Return the cluster if it takes connections; its socket is where the running server says that it is."""
    try:
        cluster = Cluster(Path(pid_file.read_text().splitlines()[4]))
        with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True, connect_timeout=5) as connection:
            # No superuser: no statement that the gateway can be made to send runs a program or reads a file.
            _ensure(connection, "select from pg_roles where rolname = 'fdgw'", "create role fdgw login createdb")
            _ensure(
                connection,
                "select from pg_database where datname = 'fdgw'",
                "create database fdgw owner fdgw",
            )
    except (FileNotFoundError, IndexError, psycopg.OperationalError):
        return None
    return cluster


def _ensure(connection: psycopg.Connection, query: LiteralString, otherwise: LiteralString) -> None:
    if not connection.execute(query).rowcount:
        connection.execute(otherwise)


def _socket_folder(server: Server) -> Path:
    """Make `run` beside the cluster, or a temporary folder where that name cannot be a socket's."""
    own = f"fdgw-{hashlib.sha256(os.fsencode(server.folder)).hexdigest()[:16]}"
    places = (server.folder.with_name("run"), Path(tempfile.gettempdir(), own), Path("/tmp", own))  # noqa: S108 - checked below
    folder = next(place for place in places if _names_a_socket(place))
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {os.geteuid(), server.account.uid}:
        raise failure("套接字目录属于他人", f"the folder for the socket, {folder}, belongs to somebody else")
    server.account.own(folder)
    folder.chmod(0o700)
    return folder


def _names_a_socket(folder: Path) -> bool:
    """Short enough for the system, and without what splits a host for libpq."""
    name = os.fsencode(folder / _SOCKET)
    return len(name) <= _SOCKET_PATH_BYTES and b"," not in name


def _disown(lock_file: Path) -> None:
    """Give the lock file of a postmaster that is gone (power cut, killed container) the number of no process.

    PostgreSQL would take whatever bears the number now for itself: another program, or its own remains that
    the first process of a container has not collected. The rest of the file it needs, to find out whether
    children of the old postmaster still live.
    """
    try:
        pid, _, rest = lock_file.read_text().partition("\n")
        name, _, state = Path(f"/proc/{int(pid)}/stat").read_text().rpartition(") ")
    except (OSError, ValueError):
        return
    if not name.endswith("(postgres") or state.startswith("Z"):
        lock_file.write_text(f"{_NO_PID}\n{rest}")


def _log_tail(folder: Path) -> str:
    """Return the last lines of both logs, that before the log collector runs and its own; the newer one last."""
    logs = [*folder.glob("start.log"), *folder.glob("log/*.log")]
    newest = sorted(logs, key=lambda log: log.stat().st_mtime)[-2:]
    return "\n".join(line for log in newest for line in log.read_text(errors="replace").splitlines()[-8:])
