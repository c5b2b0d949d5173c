"""`fdgw ig install`: a package on a real server, resource by resource; again without change; never half by a fault."""

import asyncio
import io
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from profiles import http, json
from profiles.guide import archive, contents
from profiles.guide.install import Row, install
from profiles.validation import shipped
from tests.conftest import Gateway

pytestmark = pytest.mark.feature("Operations", "profiles, enforced and installed")

GUIDE = "https://example.org/guide"
Json = dict[str, Any]


def structure(name: str, **more: Any) -> Json:
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "url": f"{GUIDE}/StructureDefinition/{name}",
        "name": "Named",
        "status": "active",
        "kind": "resource",
        "abstract": False,
        "type": "Basic",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Basic",
        "derivation": "constraint",
        "differential": {"element": [{"id": "Basic.author", "path": "Basic.author", "min": 1}]},
        **more,
    }


def values(name: str, **more: Any) -> Json:
    return {"resourceType": "ValueSet", "id": name, "url": f"{GUIDE}/ValueSet/{name}", "status": "active", **more}


def packed(path: Path, *resources: Json, **files: bytes) -> Path:
    named = {f"{one['resourceType']}-{number}.json": json.dumps(one) for number, one in enumerate(resources)}
    named |= {"package.json": b'{"name": "example.guide", "version": "1.0.0"}'} | files
    with tarfile.open(path, "w:gz") as tar:
        for name, content in named.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


def installed(gateway: Gateway, package: Path) -> dict[str, Row]:
    async def run() -> list[Row]:
        async with http.client(gateway.base, gateway.tokens["developer"]) as client:
            return await install(archive.read(package), client, shipped(), lambda _: None)

    return {row.reference or row.file: row for row in asyncio.run(run())}


def test_a_package_is_stored_and_holds_from_then_on(gateway: Gateway, tmp_path: Path):
    package = packed(tmp_path / "p.tgz", structure("authored"), values("a"))
    rows = installed(gateway, package)
    assert {row.verdict for row in rows.values()} == {"created"}
    claimed = {"resourceType": "Basic", "code": {"text": "x"}, "meta": {"profile": [structure("authored")["url"]]}}
    refused = gateway.client.post("/Basic", json=claimed)
    assert refused.status_code == 422
    assert refused.json()["issue"][0]["expression"] == ["Basic.author"]
    assert {row.verdict for row in installed(gateway, package).values()} == {"unchanged"}
    assert gateway.client.get("/StructureDefinition/authored").json()["meta"]["versionId"] == "1"


def test_what_is_wrong_is_told_and_the_rest_is_stored(gateway: Gateway, tmp_path: Path):
    package = packed(
        tmp_path / "p.tgz",
        values("good"),
        values("bad", status="bogus"),
        {"resourceType": "Patient", "id": "nobody"},
        {"resourceType": "Citation", "id": "of-r5"},
        **{"ValueSet-broken.json": b"{"},
    )
    rows = installed(gateway, package)
    assert {name: row.verdict for name, row in rows.items()} == {
        "ValueSet/good": "created",
        "ValueSet/bad": "refused",
        "Patient-2.json": "left out",
        "Citation-3.json": "refused",
        "ValueSet-broken.json": "refused",
    }
    assert "ValueSet.status" in rows["ValueSet/bad"].why
    assert gateway.client.get("/ValueSet/good").status_code == 200
    assert gateway.client.get("/ValueSet/bad").status_code == 404


def test_what_the_server_refuses_keeps_nothing_else_out(gateway: Gateway, tmp_path: Path):
    parameter = {
        "resourceType": "SearchParameter",
        "id": "hopeless",
        "url": f"{GUIDE}/SearchParameter/hopeless",
        "name": "Hopeless",
        "status": "active",
        "description": "cannot be indexed",
        "code": "hopeless",
        "base": ["Basic"],
        "type": "special",
        "expression": "Basic.code",
    }
    rows = installed(gateway, packed(tmp_path / "p.tgz", values("beside"), parameter))
    assert {name: row.verdict for name, row in rows.items()} == {
        "ValueSet/beside": "created",
        "SearchParameter/hopeless": "refused",
    }
    assert "SearchParameter.type" in rows["SearchParameter/hopeless"].why


def test_a_url_keeps_its_place_and_another_is_not_written_over(gateway: Gateway, tmp_path: Path):
    installed(gateway, packed(tmp_path / "1.tgz", values("here", version="1")))
    moved = values("here", version="2") | {"id": "there"}
    taken = values("elsewhere") | {"id": "here"}
    rows = installed(gateway, packed(tmp_path / "2.tgz", moved, taken))
    assert rows["ValueSet/here"].verdict == "updated"
    assert gateway.client.get("/ValueSet/here").json()["version"] == "2"
    [other] = [row for row in rows.values() if row.url == taken["url"]]
    assert other.verdict == "created"
    assert gateway.client.get(f"/{other.reference}").json()["url"] == taken["url"]


def test_our_own_guide_is_installed_whole_by_the_command(gateway: Gateway, tmp_path: Path):
    package = tmp_path / "guide.tgz"
    package.write_bytes(contents.built())
    asked = [sys.executable, "-m", "gateway.cli", "ig", "install", str(package), "--to", gateway.base, "--json"]
    done = subprocess.run(
        asked, check=False, capture_output=True, timeout=120, env={"FDGW_TOKEN": gateway.tokens["developer"]}
    )
    assert done.returncode == 0, done.stderr.decode()
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(contents.resources())
    assert {row["verdict"] for row in rows} <= {"created", "updated", "unchanged"}
    assert "fdgw.family-doctor#" in done.stderr.decode()


def test_an_unsafe_package_installs_nothing(gateway: Gateway, tmp_path: Path):
    package = packed(tmp_path / "p.tgz", values("unsafe"), **{"../../evil.json": b"{}"})
    asked = [sys.executable, "-m", "gateway.cli", "ig", "install", str(package), "--to", gateway.base, "--token", "x"]
    done = subprocess.run(asked, check=False, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert b"unsafe" in done.stderr
    assert gateway.client.get("/ValueSet/unsafe").status_code == 404


def test_a_server_that_is_not_there_is_said_to_be_away(tmp_path: Path):
    package = packed(tmp_path / "p.tgz", values("lost"))
    asked = [sys.executable, "-m", "gateway.cli", "ig", "install", str(package), "--to", "http://127.0.0.1:9/fhir"]
    done = subprocess.run([*asked, "--token", "x"], check=False, capture_output=True, timeout=60)
    assert done.returncode == 4
