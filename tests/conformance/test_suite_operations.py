"""The suite `operations`: the gateway passes it, a server that does not do what it claims fails it."""

import pytest

from conformance.suites.operations import SUITE
from tests.conformance.broken_operations import FAULTS
from tests.conformance.broken_server import spoiling
from tests.conformance.judging import badly_worded, judged, reasons, verdicts


def test_the_gateway_passes(gateway):
    found = judged(SUITE, gateway.base, gateway.tokens["developer"])
    assert reasons(found, "fail", "error", "not-run", "skip") == {}


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_server_is_noticed(gateway, name):
    fault, noticing = FAULTS[name]
    with spoiling(gateway.base, fault) as base:
        found = judged(SUITE, base, gateway.tokens["developer"], only=sorted(noticing))
    assert {name: one for name, one in verdicts(found).items() if one not in {"fail", "warning"}} == {}
    assert found.keys() == noticing


def test_every_check_has_a_fault_that_it_notices():
    noticed = {name for _, noticing in FAULTS.values() for name in noticing}
    assert {check.id for check in SUITE.checks} - noticed == set()


def test_every_check_says_what_it_asks_for_in_both_languages():
    assert badly_worded(SUITE) == []
    assert len({check.id for check in SUITE.checks}) == len(SUITE.checks)
