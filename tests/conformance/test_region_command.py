"""`fdgw gen population`: a region as lines, as files, and on a real gateway."""

from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from conformance.cli import gen
from conformance.region.population import batches, bundle, resources
from profiles import json
from profiles.policy import ZONE
from tests.conftest import Gateway

TODAY = date(2026, 11, 22)
CLI = CliRunner()


def generate(*arguments: str) -> tuple[int, bytes, str]:
    done = CLI.invoke(gen, ["population", "--today", str(TODAY), *arguments])
    return done.exit_code, done.stdout_bytes, done.stderr


def test_the_command_writes_a_resource_a_line() -> None:
    code, told, said = generate("--patients", "20")
    assert code == 0
    assert [json.loads(line) for line in told.splitlines()] == [*resources(1, TODAY, 20)]
    assert "20 人 patients" in said


def test_the_command_writes_a_transaction_a_line() -> None:
    code, told, _ = generate("--patients", "20", "--format", "bundles")
    assert code == 0
    assert [json.loads(line) for line in told.splitlines()] == [*map(bundle, batches(1, TODAY, 20))]


def test_the_command_fills_a_new_folder_by_type_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "region"
    assert generate("--patients", "20", "--out", str(folder))[0] == 0
    patients = [json.loads(line) for line in (folder / "Patient.ndjson").read_bytes().splitlines()]
    assert [one["id"] for one in patients] == [f"p-{number:07}" for number in range(1, 21)]
    assert {path.suffix for path in folder.iterdir()} == {".ndjson"}
    code, _, said = generate("--patients", "20", "--out", str(folder))
    assert code == 1
    assert "空目录" in said


def test_the_command_fills_a_folder_with_transactions(tmp_path: Path) -> None:
    assert generate("--patients", "20", "--out", str(tmp_path), "--format", "bundles")[0] == 0
    written = [json.loads(path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    assert written == [*map(bundle, batches(1, TODAY, 20))]


def test_the_command_puts_a_region_on_a_server(gateway: Gateway) -> None:
    today = str(gateway.clock().astimezone(ZONE).date())
    options = ["population", "--patients", "60", "--today", today, "--to", gateway.base]
    done = CLI.invoke(gen, [*options, "--token", gateway.tokens["developer"]])
    assert done.exit_code == 0, done.stderr
    wanted = list(resources(1, date.fromisoformat(today), 60))
    for resource_type in ("Patient", "EpisodeOfCare", "Observation"):
        found = gateway.client.get(f"{resource_type}?_count=0&_total=accurate").json()
        assert found["total"] == sum(one["resourceType"] == resource_type for one in wanted)
    assert "60 人 patients" in done.stderr


def test_a_server_that_refuses_or_is_not_there_ends_the_command(gateway: Gateway) -> None:
    refused = CLI.invoke(gen, ["population", "--patients", "1", "--to", gateway.base, "--token", "wrong"])
    assert refused.exit_code == 1
    assert "401" in refused.stderr
    away = CLI.invoke(gen, ["population", "--patients", "1", "--to", "http://127.0.0.1:9/fhir", "--token", "x"])
    assert away.exit_code == 4
    both = CLI.invoke(gen, ["population", "--out", "somewhere", "--to", gateway.base])
    assert both.exit_code == 2
