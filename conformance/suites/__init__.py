"""The suites, by name; a suite is loaded when it is asked for."""

from importlib import import_module

from conformance.checks import Suite

SUITES: dict[str, str] = {
    "fhir_rest": "conformance.suites.fhir_rest",
    "search": "conformance.suites.search",
    "errors": "conformance.suites.errors",
    "concurrency": "conformance.suites.concurrency",
    "profiles": "conformance.suites.profiles",
    "operations": "conformance.suites.operations",
    "hl7v2": "conformance.suites.hl7v2",
    "smart_discovery": "conformance.suites.smart_discovery",
}
"""Name → module that has it as `SUITE`."""


def load(name: str) -> Suite:
    """Raises `KeyError` for a name that is not in the table."""
    suite: Suite = import_module(SUITES[name]).SUITE
    return suite
