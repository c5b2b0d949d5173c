"""The suite `profiles`: a server that enforces the guide passes it, one that does so in part does not."""

from dataclasses import replace

import pytest

from conformance.suites.profiles import SUITE, guide
from tests.conformance.broken_server import spoiling
from tests.conformance.guide_server import Ways, guide_server
from tests.conformance.judging import badly_worded, judged, reasons, verdicts

FEW = (
    *("valid-fd-contract-*", "invalid-fd-contract-no-*", "refused-fd-contract-no-*", "lenient-fd-contract"),
    *("profiles-examples-*", "*-agreement-actor"),
)

BROKEN = [
    ("blind", {"invalid-fd-contract-no-end"}),
    ("misplaced", {"invalid-fd-contract-no-end", "refused-fd-contract-no-end", "lenient-fd-contract"}),
    ("strict_with_claims_only", {"invalid-fd-contract-no-end", "refused-fd-contract-no-end"}),
    ("stores_all", {"refused-fd-contract-no-end", "lenient-fd-contract"}),
    ("lenient_stores_all", {"lenient-fd-contract"}),
    ("refuses_all", {"valid-fd-contract-episodeofcare-contract1", "profiles-examples-stored"}),
    ("forgets_codes", {"expand-agreement-actor"}),
    ("knows_every_code", {"validate-code-agreement-actor"}),
]
"""A way of being broken → checks that must notice."""


def against(ways, only=()):
    """The results on a server that is broken in that way; nothing of what was stored is left there."""
    with guide_server(ways) as (base, guide):
        found = judged(SUITE, base, only=only)
        assert guide.stored == {}
    return found


def test_a_server_that_enforces_the_guide_passes():
    found = against(Ways())
    assert reasons(found, "fail", "error", "not-run", "warning", "skip") == {}


@pytest.mark.parametrize(("way", "noticed"), BROKEN)
def test_a_server_that_does_so_in_part_is_noticed(way, noticed):
    found = verdicts(against(Ways(**{way: True}), FEW))
    assert noticed <= {name for name, verdict in found.items() if verdict == "fail"}
    assert set(found.values()) <= {"pass", "fail", "not-run"}


def test_every_profile_has_an_example_and_three_invalid_cases_at_least():
    for definition in guide.structure_definitions():
        if definition["type"] != "Extension":
            assert guide.examples_of(definition["url"]), definition["id"]
            assert len(guide.cases(definition)) >= 3, definition["id"]


def claims_no_profile(call, forward):
    reply = forward(call)
    if not call.path.endswith("/metadata"):
        return reply
    statement = reply.resource
    for entry in statement["rest"][0]["resource"]:
        entry.pop("supportedProfile", None)
    return reply.with_resource(statement)


def test_a_server_that_claims_no_profile_is_not_held_to_it_but_where_a_preset_expects_it(gateway):
    token, only = gateway.tokens["developer"], ["valid-fd-contract-*"]
    with spoiling(gateway.base, claims_no_profile) as base:
        assert set(verdicts(judged(SUITE, base, token, only=only)).values()) == {"skip"}
        found = judged(SUITE, base, token, expected=("*.supportedProfile:*",), only=only)
    assert set(verdicts(found).values()) == {"pass"}


def test_the_gateway_claims_its_profiles(gateway):
    found = judged(SUITE, gateway.base, gateway.tokens["developer"], only=["valid-*"])
    assert set(verdicts(found).values()) == {"pass"}, reasons(found, "skip", "fail", "error")


def test_every_check_says_what_it_asks_for_in_both_languages():
    assert badly_worded(SUITE) == []
    assert len({check.id for check in SUITE.checks}) == len(SUITE.checks)


def test_what_the_gateway_was_given_is_removed(gateway):
    only = ["profiles-examples-*"]
    for _ in range(2):
        found = judged(SUITE, gateway.base, gateway.tokens["developer"], only=only)
        assert set(verdicts(found).values()) == {"pass"}, reasons(found, "fail", "error")
    for kind in ("Patient", "Encounter", "Task", "Communication", "Organization"):
        assert gateway.client.get(kind, params={"_summary": "count"}).json()["total"] == 0


def test_examples_that_are_there_already_are_no_fault_of_the_server(gateway):
    def has_them_already(call, forward):
        reply = forward(call)
        return replace(reply, status=409) if call.resource.get("type") == "transaction" else reply

    with spoiling(gateway.base, has_them_already) as base:
        found = judged(SUITE, base, gateway.tokens["developer"], only=["profiles-examples-*"])
    assert verdicts(found) == {"profiles-examples-stored": "error", "profiles-examples-removed": "not-run"}
