"""The suite `hl7v2` notices feeds that are broken; that ours passes it is in test_conformance_suites."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from conformance.suites.hl7v2 import SUITE
from tests.conformance import broken_feed
from tests.conformance.judging import badly_worded, judged, reasons, verdicts


@contextmanager
def feed(gateway, folder):
    """A running adapter before the gateway: its MLLP address."""
    environment = os.environ | {
        "FDGW_DATA_DIR": str(folder),
        "FDGW_GATEWAY_URL": gateway.base,
        "FDGW_GATEWAY_TOKEN": gateway.tokens["adapter"],
    }
    command = [sys.executable, "-m", "adapters", "hl7v2", "--port", "0", "--status-port", "0"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            ready = next(line for line in process.stdout if line.startswith("fdgw hl7v2 ready at mllp://"))
            yield f"127.0.0.1:{ready.rsplit(':', 1)[1].strip()}"
        finally:
            process.kill()


@pytest.fixture(scope="module")
def mllp(gateway, tmp_path_factory):
    with feed(gateway, tmp_path_factory.mktemp("feed")) as address:
        yield address


SEEN = {
    "misnumbered": {"v2-a01-answer", "v2-no-pid", "v2-two-in-one-write", "v2-unknown-person"},
    "gives no reason": {"v2-no-pid", "v2-unknown-event", "v2-undecodable"},
    "accepts everything": {"v2-no-pid", "v2-unknown-event", "v2-undecodable"},
    "refuses everything": {"v2-a01-answer", "v2-a02-location", "v2-gb18030", "v2-once", "v2-unknown-person"},
    "ends what was cut off": {"v2-no-end-block"},
    "hears the first of a packet": {"v2-two-in-one-write"},
    "wants whole packets": {"v2-byte-by-byte"},
    "relabels": {"v2-gb18030"},
    "loses the person": {"v2-a01-encounter", "v2-a03-finished", "v2-a11-cancelled", "v2-provenance"},
    "loses the visit": {"v2-a01-answer", "v2-a02-location"},
    "drops large ones": {"v2-large"},
    "knows no enhanced mode": {"v2-accept-acknowledgement"},
    "knows no line feeds": {"v2-segment-ends"},
}
"""A way of being broken → the checks that must notice."""


@pytest.mark.parametrize("way", broken_feed.WAYS)
def test_a_broken_feed_is_noticed(gateway, mllp, way):
    with broken_feed.before(mllp, broken_feed.WAYS[way]) as address:
        inputs = {"mllp": address, "hl7v2_seconds": "1"}
        found = judged(SUITE, gateway.base, gateway.tokens["developer"], inputs, only=sorted(SEEN[way]))
    unnoticed = {name: one for name, one in verdicts(found).items() if one not in {"fail", "warning"}}
    assert unnoticed == {}
    assert found.keys() == SEEN[way]


def test_without_a_feed_to_talk_to_it_says_so(gateway):
    found = judged(SUITE, gateway.base, gateway.tokens["developer"])
    assert set(verdicts(found).values()) == {"skip"}
    found = judged(SUITE, gateway.base, gateway.tokens["developer"], {"mllp": "127.0.0.1:9"}, only=["v2-no-pid"])
    assert reasons(found, "error") == {"v2-no-pid": ("error", "the HL7 v2 feed cannot be reached")}


def test_what_the_messages_made_is_removed(gateway, mllp):
    def stored():
        kinds = ("Encounter", "Patient", "Task", "Provenance")
        return {kind: gateway.client.get(kind, params={"_summary": "count"}).json()["total"] for kind in kinds}

    before = stored()
    judged(SUITE, gateway.base, gateway.tokens["developer"], {"mllp": mllp}, only=["v2-a03-finished", "v2-no-pid"])
    assert stored() == before


def test_every_check_says_what_it_asks_for_in_both_languages():
    assert badly_worded(SUITE) == []
    assert len({check.id for check in SUITE.checks}) == len(SUITE.checks)
