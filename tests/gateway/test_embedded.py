"""The embedded PostgreSQL: who starts, shares, adopts and stops it, where, and as whom."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.storage import embedded, programs
from gateway.storage.cluster import Cluster
from gateway.storage.programs import Account, EmbeddedPostgresError, Programs

THROWAWAY = {"fsync": "off", "shared_buffers": "16MB"}
USER = """
import sys, time
from pathlib import Path
from gateway.storage import embedded
with embedded.running(Path(sys.argv[1]), settings={"fsync": "off", "shared_buffers": "16MB"}) as cluster:
    print(cluster.url(), flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextmanager
def session(cluster: Cluster, user: str = "fdgw") -> Iterator[psycopg.Connection]:
    with psycopg.connect(cluster.url(user=user), autocommit=True) as connection:
        yield connection


def value(cluster: Cluster, query: str, user: str = "fdgw") -> Any:
    with session(cluster, user) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def keep(cluster: Cluster, text: str) -> None:
    with session(cluster) as connection:
        connection.execute("create table if not exists kept (text text)")
        connection.execute("insert into kept values (%s)", [text])


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def stopped(data_dir: Path) -> bool:
    return not (data_dir / "postgres" / "postmaster.pid").exists()


def leave_pid_file(data_dir: Path, pid: int) -> None:
    """Leave what a postmaster of that number would leave when the power fails."""
    lines = (pid, data_dir / "postgres", 1, 5432, data_dir / "run", "", "1 1", "ready")
    for file in (data_dir / "postgres" / "postmaster.pid", data_dir / "run" / ".s.PGSQL.5432.lock"):
        file.write_text("".join(f"{line}\n" for line in lines))


def usable(account: Account, found: Programs, folder: Path) -> bool:
    try:
        programs.usable([account], found, folder)
    except EmbeddedPostgresError:
        return False
    return True


@pytest.fixture(scope="module")
def found() -> Programs:
    return programs.find(None, [*programs.folders()])


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one cluster, stopped, for all tests that are not about making it: it is 40 MB to write."""
    folder = tmp_path_factory.mktemp("cluster") / "data"
    with embedded.running(folder, settings=THROWAWAY):
        pass
    return folder


def test_a_creation_that_broke_off_is_begun_anew_and_what_is_committed_then_stays(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    with embedded.running(tmp_path) as cluster:
        keep(cluster, "张三丰")
    assert stopped(tmp_path)
    with embedded.running(tmp_path) as cluster:
        assert value(cluster, "select text from kept") == "张三丰"
    assert not (tmp_path / "postgres.new").exists()


def test_the_database_knows_chinese_letters_and_trusts_the_gateway_with_its_own_databases_only(
    data_dir: Path,
) -> None:
    with embedded.running(data_dir, settings=THROWAWAY) as cluster, session(cluster) as connection:
        connection.execute("create extension pg_trgm")
        connection.execute("create database another")
        assert len(value(cluster, "select show_trgm('张三丰')")) == 4
        assert value(cluster, "select 'É' ~* 'é' and 'Z' < 'a' and '一' < '丁'") is True
        assert value(cluster, "select current_setting('timezone')") == "UTC"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("copy (select 1) to program 'true'")
        assert value(cluster, "select current_setting('is_superuser')", user="postgres") == "on"


def test_no_tcp_port_and_no_door_for_other_users(data_dir: Path) -> None:
    with embedded.running(data_dir, settings=THROWAWAY) as cluster:
        assert value(cluster, "select current_setting('listen_addresses')") == ""
        for private in (data_dir, data_dir / "postgres", cluster.sockets):
            assert private.stat().st_mode & 0o077 == 0


def test_a_failed_statement_leaves_no_personal_word_in_the_log(data_dir: Path) -> None:
    with embedded.running(data_dir, settings=THROWAWAY) as cluster, session(cluster) as connection:
        connection.execute("create table person (name text primary key)")
        connection.execute("insert into person values ('欧阳弢')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into person values ('欧阳弢')")
    logs = [*(data_dir / "postgres").glob("*.log"), *(data_dir / "postgres" / "log").iterdir()]
    assert len(logs) == 2
    assert not any("欧阳弢" in log.read_text() for log in logs)


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of our own, with a name that is short enough for sockets inside."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="fd") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.mark.usefixtures("temporary")
def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s 家庭 医生/签约, $HOME "`id`" 100%'
    with embedded.running(folder, settings=THROWAWAY) as cluster:
        assert value(cluster, "select 1") == 1
        with embedded.running(folder) as same:
            assert same == cluster


def test_a_relative_path_will_do(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data_dir.parent)
    with embedded.running(Path("data"), settings=THROWAWAY) as cluster:
        assert value(cluster, "select 1") == 1


def test_the_environment_of_another_postgresql_does_not_matter(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, other in {"PGPORT": "1", "PGDATA": "/nowhere", "PGHOST": "nowhere", "LC_ALL": "xx_YY"}.items():
        monkeypatch.setenv(name, other)
    with embedded.running(data_dir, settings=THROWAWAY) as cluster:
        assert value(cluster, "select 1") == 1


def test_a_path_may_be_long_but_the_socket_goes_to_no_folder_that_somebody_else_laid_out(
    data_dir: Path, temporary: Path
) -> None:
    deep = data_dir.rename(data_dir.with_name("x" * 150))
    with embedded.running(deep, settings=THROWAWAY) as cluster:
        assert value(cluster, "select 1") == 1
        folder = cluster.sockets
    folder.rmdir()
    folder.symlink_to(temporary)
    with pytest.raises(EmbeddedPostgresError, match="belongs to somebody else"):
        embedded.running(deep).__enter__()
    deep.rename(data_dir)


def test_the_last_one_out_stops_it(data_dir: Path) -> None:
    with embedded.running(data_dir, settings=THROWAWAY) as first:
        user = subprocess.run([sys.executable, "-c", USER, data_dir, "0"], capture_output=True, check=True)
        assert user.stdout.decode() == f"{first.url()}\n"
        with embedded.running(data_dir) as second:
            assert second == first
        assert value(first, "select 1") == 1
    assert stopped(data_dir)


def test_processes_that_start_at_once_share_one_cluster(data_dir: Path) -> None:
    together = threading.Barrier(3)

    def start() -> Any:
        together.wait()
        with embedded.running(data_dir, settings=THROWAWAY) as cluster:
            started = value(cluster, "select pg_postmaster_start_time()")
            together.wait()
        return started

    with ThreadPoolExecutor(3) as pool:
        assert len({future.result() for future in [pool.submit(start) for _ in range(3)]}) == 1
    assert stopped(data_dir)


def test_a_cluster_whose_user_was_killed_is_adopted_and_then_stopped(data_dir: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", USER, data_dir, "60"], stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        url = user.stdout.readline().strip()
        user.kill()
    running = postmaster(data_dir)
    os.kill(running, 0)
    with embedded.running(data_dir) as cluster:
        assert cluster.url() == url
        assert postmaster(data_dir) == running
    assert stopped(data_dir)


def test_what_was_committed_survives_a_kill_of_postgresql_itself(data_dir: Path) -> None:
    with embedded.running(data_dir) as cluster, session(cluster) as lingering:
        keep(cluster, "killed")
        lingering.execute("select pg_backend_pid()")
        os.kill(postmaster(data_dir), signal.SIGKILL)
        with embedded.running(data_dir) as again:
            assert value(again, "select text from kept where text = 'killed'") == "killed"
    assert stopped(data_dir)


def test_a_pid_file_whose_number_now_belongs_to_another_program_is_no_obstacle(data_dir: Path) -> None:
    leave_pid_file(data_dir, os.getpid())
    with embedded.running(data_dir, settings=THROWAWAY) as cluster:
        assert value(cluster, "select 1") == 1


def test_the_uncollected_remains_of_a_postmaster_are_no_obstacle(data_dir: Path, tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.symlink_to(shutil.which("true") or "")
    with subprocess.Popen([program]) as remains:
        os.waitid(os.P_PID, remains.pid, os.WEXITED | os.WNOWAIT)
        leave_pid_file(data_dir, remains.pid)
        with embedded.running(data_dir, settings=THROWAWAY) as cluster:
            assert value(cluster, "select 1") == 1


def test_every_account_that_can_run_it_does_and_a_cluster_may_change_hands(found: Programs, data_dir: Path) -> None:
    with tempfile.TemporaryDirectory() as parent:
        copy = Path(shutil.copytree(data_dir, Path(parent, "copy")))
        for folder in (copy, copy.parent):
            folder.chmod(0o755)
        accounts = [each for each in programs.accounts(copy.stat()) if usable(each, found, copy)]
        assert accounts
        for account in accounts:
            with embedded.running(copy, settings=THROWAWAY, accounts=[account]) as cluster:
                keep(cluster, account.name)
        with embedded.running(copy, settings=THROWAWAY) as cluster:
            assert value(cluster, "select array_agg(text) from kept where text <> 'killed'") == [
                each.name for each in accounts
            ]


def test_an_unprivileged_user_runs_it_plainly(found: Programs, tmp_path: Path) -> None:
    account = programs.usable([*programs.accounts(tmp_path.stat())], found, tmp_path)
    account.own(tmp_path)
    program = f"import os, sys\nassert os.geteuid()\nsys.path.append({str(Path.cwd())!r})\n{USER}"
    # Python reads its .pth files in the locale's encoding, and this checkout may have a Chinese name.
    python = ("env", "--unset=LC_ALL", sys.executable)
    run = account.run(*python, "-c", program, tmp_path / "data", "0", folder=tmp_path)
    assert run.stdout.startswith("postgresql://fdgw@/fdgw?host="), run.stderr
    assert stopped(tmp_path / "data")


def test_a_cluster_of_another_version_is_refused_untouched(data_dir: Path, found: Programs) -> None:
    (data_dir / "postgres" / "PG_VERSION").write_text("97\n")
    before = {path: path.stat().st_mtime_ns for path in (data_dir / "postgres").rglob("*")}
    with pytest.raises(EmbeddedPostgresError, match=rf"no PostgreSQL 97 [^$]*: {found.major}\n"):
        embedded.running(data_dir).__enter__()
    assert {path: path.stat().st_mtime_ns for path in (data_dir / "postgres").rglob("*")} == before
    (data_dir / "postgres" / "PG_VERSION").write_text(f"{found.major}\n")


def test_a_folder_that_holds_something_else_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(EmbeddedPostgresError, match="holds no cluster"):
        embedded.running(tmp_path).__enter__()
    assert [path.name for path in (tmp_path / "postgres").iterdir()] == ["letter.txt"]


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedPostgresError, match=str(tmp_path / "file" / "data")):
        embedded.running(tmp_path / "file" / "data").__enter__()


def test_a_start_that_fails_shows_the_end_of_the_log_and_may_be_tried_again(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        embedded.running(data_dir, settings={**THROWAWAY, "no_such_setting": "1"}).__enter__()
    with embedded.running(data_dir, settings=THROWAWAY) as cluster:
        assert value(cluster, "select 1") == 1
