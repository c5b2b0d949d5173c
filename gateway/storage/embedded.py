"""A PostgreSQL cluster of our own in the data directory, shared by every process that uses it.

https://www.postgresql.org/docs/18/creating-cluster.html

`<data dir>/postgres` is the cluster, `<data dir>/run` holds its socket. There is no TCP port and no
password: whoever can enter the folder of the socket (mode 0700, like the cluster) is trusted, for the same
right opens the files themselves. Every user holds a shared flock on `users.lock`; one that leaves and can
have it exclusively was the last and stops PostgreSQL. A user that is killed leaves it running, and the next
start adopts it.
"""

import fcntl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from gateway.storage import cluster, programs
from gateway.storage.cluster import Cluster, Server, failure
from gateway.storage.programs import Account


@contextmanager
def running(
    data_dir: Path,
    *,
    settings: Mapping[str, str] | None = None,
    places: Sequence[Path] | None = None,
    accounts: Sequence[Account] | None = None,
) -> Iterator[Cluster]:
    """Start the cluster in `data_dir`, or join its users; the last one that leaves stops it.

    `settings` go over `cluster.SETTINGS`; a cluster that runs already keeps its own. `places` and `accounts`
    replace `programs.folders()` and `programs.accounts()`. It blocks: enter it before the event loop starts,
    with SIGTERM turned into an exception, or the cluster outlives the process. Raises EmbeddedPostgresError.
    """
    data_dir = _writable(data_dir.absolute())
    chosen = {**cluster.SETTINGS, **(settings or {})}
    with (data_dir / "users.lock").open("a") as users, ExitStack() as stack:
        with _turn(data_dir) as turn:
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _server(data_dir, places, accounts)
            stack.callback(_leave, server, users)
            if not (server.folder / "PG_VERSION").exists():
                cluster.create(server, turn, durable=chosen.get("fsync") != "off")
            served = cluster.serve(server, chosen)
        yield served


def revive(data_dir: Path) -> None:
    """Start a cluster that died under its users; nothing happens to one that runs. It blocks."""
    with _turn(data_dir.absolute()):
        cluster.serve(_server(data_dir.absolute(), None, None), cluster.SETTINGS)


def _leave(server: Server, users: TextIO) -> None:
    with _turn(server.folder.parent):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        cluster.stop(server)


@contextmanager
def _turn(data_dir: Path) -> Iterator[int]:
    """Wait for the turn to create, start or stop the cluster, and give the descriptor of its lock."""
    path = data_dir / "start.lock"
    deadline = time.monotonic() + cluster.START_SECONDS + cluster.STOP_SECONDS
    with path.open("a") as file:
        while not _locked(file):
            if time.monotonic() > deadline:
                raise failure("另一进程占用启动锁过久", f"another process keeps {path} locked")
            time.sleep(0.02)
        yield file.fileno()


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _writable(data_dir: Path) -> Path:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for lock in ("start.lock", "users.lock"):
            (data_dir / lock).open("a").close()
    except OSError as error:
        raise failure("数据目录不可写", f"the data directory {data_dir}: {error.strerror}") from error
    return data_dir


def _server(data_dir: Path, places: Sequence[Path] | None, accounts: Sequence[Account] | None) -> Server:
    """Choose the programs that fit the cluster, and the account that fits the owner of its files."""
    folder = data_dir / "postgres"
    found = programs.find(_major(folder), [*programs.folders()] if places is None else places)
    owner = (folder if folder.exists() else data_dir).stat()
    candidates = [*programs.accounts(owner)] if accounts is None else accounts
    return Server(folder, found, programs.usable(candidates, found, data_dir))


def _major(folder: Path) -> int | None:
    """Return the major version of the cluster in `folder`, None where there is none yet."""
    try:
        if not folder.exists() or not any(folder.iterdir()):
            return None
        return int((folder / "PG_VERSION").read_text().partition(".")[0])
    except (OSError, ValueError) as error:
        raise failure("无法读取数据库集群", f"{folder} holds no cluster that can be read: {error}") from error
