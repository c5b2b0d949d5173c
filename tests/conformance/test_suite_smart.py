"""The suite `smart_discovery`: a good configuration passes it, each wrong one is noticed, none at all is skipped."""

import pytest

from conformance.suites.smart_discovery import SUITE
from tests.conformance.judging import badly_worded, judged, reasons, verdicts
from tests.conformance.smart_server import smart


def changed(**fields):
    def change(server):
        server.configuration |= fields

    return change


def without(name):
    return lambda server: server.configuration.pop(name)


def claiming(*capabilities, leaving=()):
    def change(server):
        kept = [one for one in server.configuration["capabilities"] if one not in leaving]
        server.configuration["capabilities"] = [*kept, *capabilities]

    return change


def attribute(name, value):
    return lambda server: setattr(server, name, value)


BROKEN = [
    ("smart-configuration", attribute("status", 404)),
    ("smart-configuration", attribute("status", 500)),
    ("smart-configuration", attribute("configuration", [])),
    ("smart-configuration", attribute("content_type", "text/html")),
    ("smart-configuration-type", attribute("obeys_accept", value=True)),
    ("smart-configuration-fields", without("token_endpoint")),
    ("smart-configuration-fields", without("capabilities")),
    ("smart-configuration-fields", changed(grant_types_supported=[])),
    ("smart-endpoints-absolute", changed(token_endpoint="/token")),
    ("smart-pkce", changed(code_challenge_methods_supported=["S256", "plain"])),
    ("smart-pkce", changed(code_challenge_methods_supported=["S512"])),
    ("smart-launch-endpoints", without("authorization_endpoint")),
    ("smart-launch-endpoints", changed(grant_types_supported=["client_credentials"])),
    ("smart-openid", without("jwks_uri")),
    ("smart-openid", claiming(leaving=["sso-openid-connect"])),
    ("smart-openid", attribute("openid", {"issuer": "https://elsewhere.example.org"})),
    ("smart-asymmetric", changed(token_endpoint_auth_methods_supported=["client_secret_basic"])),
    ("smart-asymmetric", changed(token_endpoint_auth_signing_alg_values_supported=["HS256"])),
    ("smart-keys", attribute("keys", {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"}]})),
    ("smart-keys", attribute("keys", {"keys": []})),
    ("smart-capability-names", claiming("our-own")),
    ("smart-recommended", without("revocation_endpoint")),
    ("smart-capability-set", claiming(leaving=["permission-patient"])),
    ("smart-cors", attribute("cors", None)),
    ("smart-capability-statement", changed(token_endpoint="https://elsewhere.example.org/token")),
]


def test_a_good_configuration_passes():
    with smart() as server:
        found = judged(SUITE, server.base)
    assert reasons(found, "fail", "error", "not-run", "warning", "skip") == {}


@pytest.mark.parametrize(("name", "spoil"), BROKEN)
def test_a_wrong_configuration_is_noticed(name, spoil):
    with smart() as server:
        spoil(server)
        found = verdicts(judged(SUITE, server.base))
    assert found[name] in {"fail", "warning"}


def test_every_check_has_a_configuration_that_it_notices():
    assert {name for name, _ in BROKEN} == {check.id for check in SUITE.checks}


def test_without_smart_it_says_so_and_is_skipped(gateway):
    found = judged(SUITE, gateway.base, gateway.tokens["developer"])
    assert set(verdicts(found).values()) == {"skip"}
    assert {one.reason[1] for one in found.values()} == {"the server does not claim SMART"}


def test_a_server_without_smart_that_is_in_trouble_is_noticed():
    with smart() as server:
        server.capability.pop("rest")
        server.status = 500
        assert verdicts(judged(SUITE, server.base))["smart-configuration"] == "fail"


def test_every_check_says_what_it_asks_for_in_both_languages():
    assert badly_worded(SUITE) == []
    assert len({check.id for check in SUITE.checks}) == len(SUITE.checks)
