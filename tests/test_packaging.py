"""What a stranger installs: the wheel holds everything and nothing else, the lock files hold what it needs."""

import hashlib
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("gateway", "adapters", "mappings", "profiles", "conformance")
IMPORT_ALL = f"""
import {", ".join(PACKAGES)}
for package in ({", ".join(PACKAGES)}):
    print(package.__file__)
"""
READ_ALL = """
import hashlib, sys
from importlib.resources import files
for name in sys.stdin.read().splitlines():
    package, _, path = name.partition("/")
    print(hashlib.sha256(files(package).joinpath(path).read_bytes()).hexdigest(), name)
"""


def output(*command: str | Path, cwd: Path, given: str = "") -> str:
    done = subprocess.run(command, cwd=cwd, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sources() -> list[str]:
    """Give the path of every file of the five packages, written or about to be committed."""
    listed = output("git", "ls-files", "-z", "-co", "--exclude-standard", "--", *PACKAGES, cwd=ROOT)
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


@pytest.fixture(scope="module")
def data(sources: list[str]) -> list[str]:
    return [name for name in sources if not name.endswith(".py")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as `pip` would, with the hatchling of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    output(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=ROOT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel where the checkout cannot be seen; its dependencies are lent by this environment."""
    folder = tmp_path_factory.mktemp("clean")
    output(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    output(*pip, "install", "--no-index", "--no-deps", wheel, cwd=folder)
    packages = output(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    Path(packages.strip(), "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def test_the_wheel_holds_every_file_of_the_five_packages_and_nothing_else(wheel: Path, sources: list[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert sorted(names) == sources


def test_the_five_packages_are_imported_from_where_they_were_installed(programs: Path, tmp_path: Path) -> None:
    imported = output(programs / "python", "-c", IMPORT_ALL, cwd=tmp_path).splitlines()
    assert len(imported) == len(PACKAGES)
    assert all(Path(path).is_relative_to(programs.parent) for path in imported)


def test_every_data_file_is_read_as_it_was_written(programs: Path, data: list[str], tmp_path: Path) -> None:
    read = output(programs / "python", "-c", READ_ALL, cwd=tmp_path, given="\n".join(data)).splitlines()
    assert read == [f"{hashlib.sha256((ROOT / name).read_bytes()).hexdigest()} {name}" for name in data]
    assert {Path(name).suffix for name in data} >= {".csv", ".json", ".sql", ".toml"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(data)


def test_the_command_runs_and_knows_the_commands_of_every_program(programs: Path, tmp_path: Path) -> None:
    told = output(programs / "fdgw", "--help", cwd=tmp_path)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert all(re.search(rf"\b{name}\b", told) for name in ("serve", *declared["fdgw.commands"]))


@pytest.mark.parametrize(
    ("lock", "groups"), [("requirements.lock", ["build"]), ("requirements-dev.lock", ["build", "dev"])]
)
def test_the_lock_file_pins_what_pyproject_asks_for(lock: str, groups: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *project["project"]["dependencies"],
        *(each for group in groups for each in project["dependency-groups"][group]),
    ]
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
    for requirement in (Requirement(each) for each in asked if isinstance(each, str)):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_file_names_no_registry_and_no_folder_of_a_machine(lock: str) -> None:
    words = (ROOT / lock).read_text()
    assert "://" not in words
    assert not re.search(r"(?<!\S)/", words)


def test_the_script_explains_itself_from_any_folder(tmp_path: Path) -> None:
    told = output(ROOT / "run", cwd=tmp_path)
    assert all(f"./run {command} " in told for command in ("demo", "serve", "test", "check", "bench", "fdgw"))
    unknown = subprocess.run([ROOT / "run", "unheard-of"], cwd=tmp_path, capture_output=True, check=False)
    assert (unknown.returncode, unknown.stdout, unknown.stderr.decode()) == (2, b"", told)
