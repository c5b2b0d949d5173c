"""The guide as a FHIR package: the same bytes every time, and what third-party tools look for in it."""

import gzip
import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from profiles import canonical, json, package, validator
from profiles.guide import archive, contents


@pytest.fixture(scope="module")
def built() -> bytes:
    return contents.built()


@pytest.fixture(scope="module")
def found(built: bytes, tmp_path_factory: pytest.TempPathFactory) -> archive.Package:
    path = tmp_path_factory.mktemp("package") / "guide.tgz"
    path.write_bytes(built)
    return archive.read(path)


def test_another_process_makes_the_same_bytes(built: bytes, tmp_path: Path):
    path = tmp_path / "again.tgz"
    write = f"Path({str(path)!r}).write_bytes(contents.built())"
    made = f"from pathlib import Path; from profiles.guide import contents; {write}"
    subprocess.run([sys.executable, "-c", made], check=True, env={"PYTHONHASHSEED": "7", "TZ": "America/Lima"})
    assert path.read_bytes() == built


def test_nothing_in_it_tells_when_or_by_whom_it_was_made(built: bytes):
    with tarfile.open(fileobj=io.BytesIO(built)) as tar:
        entries = tar.getmembers()
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode) for one in entries} == {
        (0, 0, 0, "", "", 0o644)
    }
    assert [one.name for one in entries] == sorted(one.name for one in entries)
    assert gzip.decompress(built)
    assert built[4:8] == b"\0\0\0\0"


def test_the_manifest_says_what_a_package_cache_asks(found: archive.Package):
    assert found.manifest["name"] == "fdgw.family-doctor"
    assert found.manifest["version"] == contents.VERSION
    assert found.manifest["fhirVersions"] == ["4.0.1"]
    assert found.manifest["dependencies"] == {"hl7.fhir.r4.core": "4.0.1"}
    assert found.manifest["canonical"] == canonical.BASE


@pytest.mark.parametrize("folder", ["", "example/"])
def test_the_index_lists_every_file(found: archive.Package, folder: str):
    index = json.loads(found.files[f"{folder}.index.json"])
    listed = {one["filename"]: one for one in index["files"]}
    names = {
        path.removeprefix(folder)
        for path in found.files
        if path.startswith(folder) and "/" not in path.removeprefix(folder) and not path.endswith(".index.json")
    }
    assert listed.keys() == names
    for name, said in listed.items():
        resource = json.loads(found.files[folder + name])
        assert said["resourceType"] == resource["resourceType"]
        assert said["id"] == resource["id"]
        assert said.get("url") == resource.get("url")


def test_every_definition_is_in_it_with_its_snapshot(found: archive.Package):
    inside = {json.loads(content).get("url") for _, content in found.resources()}
    ours = {one["url"] for kind in package.KINDS for one in package.resources(kind) if "url" in one}
    assert ours <= inside
    for path, content in found.resources():
        if path.startswith("StructureDefinition-"):
            elements = json.loads(content)["snapshot"]["element"]
            assert all({"id", "path", "definition", "min", "max", "base"} <= one.keys() for one in elements), path


def test_every_resource_in_it_is_valid_fhir(found: archive.Package):
    for path, content in [*found.resources(), *found.files.items()]:
        if path.endswith(".json") and not path.endswith(".index.json"):
            assert [one for one in validator.check(json.loads(content)) if one.severity == "error"] == [], path


# Packages of strangers


def packed(path: Path, *entries: tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


MANIFEST = ("package/package.json", b'{"name": "x", "version": "1"}')


@pytest.mark.parametrize("name", ["package/../../etc/evil.json", "/etc/evil.json", "../evil.json", "package\\..\\evil"])
def test_a_path_that_leaves_the_package_is_refused(tmp_path: Path, name: str):
    with pytest.raises(archive.PackageError, match="unsafe"):
        archive.read(packed(tmp_path / "p.tgz", MANIFEST, (name, b"{}")))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes):
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as tar:
        entry = tarfile.TarInfo("package/a.json")
        entry.type = kind
        entry.linkname = "/etc/passwd"
        tar.addfile(entry)
    with pytest.raises(archive.PackageError, match="unsafe"):
        archive.read(tmp_path / "p.tgz")


def test_a_link_in_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "package.json").write_bytes(MANIFEST[1])
    (tmp_path / "package" / "a.json").symlink_to("/etc/passwd")
    with pytest.raises(archive.PackageError, match="unsafe"):
        archive.read(tmp_path)


def test_a_file_larger_than_anybody_needs_is_refused_unread(tmp_path: Path):
    bomb = packed(tmp_path / "p.tgz", MANIFEST, ("package/a.json", bytes(65 << 20)))
    with pytest.raises(archive.PackageError, match="too large"):
        archive.read(bomb)


@pytest.mark.parametrize(
    "content", [b"", b"not gzip", gzip.compress(b"not tar", mtime=0)], ids=["empty", "text", "gzip"]
)
def test_what_is_no_package_is_said_to_be_none(tmp_path: Path, content: bytes):
    path = tmp_path / "p.tgz"
    path.write_bytes(content)
    with pytest.raises(archive.PackageError, match="not a readable FHIR package"):
        archive.read(path)


@pytest.mark.parametrize("manifest", [b"[]", b"{", b""])
def test_a_package_needs_a_manifest(tmp_path: Path, manifest: bytes):
    with pytest.raises(archive.PackageError, match="not a readable FHIR package"):
        archive.read(packed(tmp_path / "p.tgz", ("package/package.json", manifest)))


def test_a_folder_is_read_like_an_archive(tmp_path: Path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "package.json").write_bytes(MANIFEST[1])
    (tmp_path / "package" / "ValueSet-a.json").write_bytes(b"{}")
    found = archive.read(tmp_path)
    assert found.name == "x#1"
    assert [path for path, _ in found.resources()] == ["ValueSet-a.json"]
