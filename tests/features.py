"""`--features`: runs the tests that carry `@pytest.mark.feature(area, feature)` and tells what works.

With `--write` the table replaces what stands between the marks in README.md.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
_PLACE = re.compile(r"(<!-- features -->\n).*?(<!-- /features -->)", re.DOTALL)
Feature = tuple[str, str]
FEATURES: dict[str, tuple[str, ...]] = {
    "Interactions": (
        "create, read, vread",
        "update; an identical one makes no version",
        "delete and history",
        "conditional read and If-Match",
        "conditional create, update, patch, delete",
        "conditional create, atomic under concurrency",
        "concurrent writers",
        "JSON Patch",
        "FHIRPath Patch",
        "batch and transaction",
        "referential integrity",
        "Prefer",
        "Prefer: respond-async",
        "_format and media types",
        "_summary, _elements, _pretty",
        "Binary, raw in and out",
        "CapabilityStatement, proven and cacheable",
        "OpenAPI 3.1 description",
        "OPTIONS and CORS",
        "OperationOutcome in Chinese and English",
    ),
    "Search": (
        "parameters of every type",
        "every search parameter of R4",
        "number and quantity",
        "number, quantity, date, composite, special",
        "date, all prefixes against all forms",
        "string and uri, all modifiers",
        "token, all modifiers",
        "reference, all modifiers",
        "chains and _has, nested",
        "_include, _revinclude, :iterate",
        "_sort",
        "_count and _total",
        "common parameters, _filter, _list, _text, _content, _type, compartments",
        "GET and POST _search",
        "custom SearchParameters",
        "unknown parameters refused, unless lenient",
        "the self link shows what was applied",
        "_explain: the plan, no data",
        "pages in an order that an index has",
    ),
    "Paging": ("the union of the pages is the result", "pages of one snapshot under concurrent writes"),
    "Time zone": ("zone-less dates mean Asia/Shanghai",),
    "Chinese": ("names in characters, pinyin, initials, variants",),
    "Operations": (
        "parameters by GET and POST",
        "$validate",
        "profiles, enforced and installed",
        "$everything",
        "$export and $import",
        "$expand, $validate-code",
        "$lookup, $subsumes, $translate",
        "$match",
        "$lastn",
        "$document",
        "$meta, $meta-add, $meta-delete",
        "$diff",
        "$reindex",
        "$graphql",
        "$evaluate-measure",
        "$process-message",
    ),
    "Subscriptions": ("topics, handshake, delivery",),
    "Access": ("SMART v2 scopes, limited ones too", "audit of every access", "tenancy"),
    "Robustness": (
        "hostile requests",
        "fuzzed bodies and Bundles",
        "fuzzed searches, headers and addresses",
        "sparse and strange resources",
    ),
    "Domain": ("contracts and agreements", "stays, notices and timers"),
}
"""By area, in the order of the table; a mark that names another is an error."""
_ORDER = [(area, feature) for area, features in FEATURES.items() for feature in features]


class Features:
    """What the tests of every feature came to."""

    def __init__(self, *, write: bool) -> None:
        self._write = write
        self._passed: dict[Feature, dict[str, bool]] = {}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        for item in items:
            item.user_properties += [("feature", _known(*mark.args)) for mark in item.iter_markers("feature")]
        config.hook.pytest_deselected(items=[item for item in items if not item.user_properties])
        items[:] = [item for item in items if item.user_properties]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        for name, value in report.user_properties:
            if name == "feature":
                area, feature = value
                tests = self._passed.setdefault((area, feature), {})
                tests[report.nodeid] = report.passed and tests.get(report.nodeid, True)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        table = "\n".join(self._table())
        terminalreporter.write_line(f"\n{table}")
        if self._write:
            text, found = _PLACE.subn(lambda place: f"{place[1]}{table}\n{place[2]}", README.read_text())
            if not found:
                raise pytest.UsageError(f"{README.name} has no <!-- features --> and <!-- /features -->")
            README.write_text(text)

    def _table(self) -> Iterator[str]:
        yield from ("| area | feature | result | tests |", "|---|---|---|---:|")
        for (area, feature), tests in sorted(self._passed.items(), key=lambda one: _ORDER.index(one[0])):
            passed = sum(tests.values())
            result = "works" if passed == len(tests) else "partly" if passed else "fails"
            yield f"| {area} | {feature} | {result} | {len(tests)} |"


def _known(area: str, feature: str) -> list[str]:
    if (area, feature) not in _ORDER:
        raise pytest.UsageError(f"tests/features.py has no feature {feature!r} in {area!r}")
    return [area, feature]


def configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "feature(area, feature): what of the README's table the test proves")
    if config.getoption("--features"):
        config.pluginmanager.register(Features(write=config.getoption("--write")), "features")


def add_options(parser: pytest.Parser) -> None:
    parser.addoption("--features", action="store_true", help="run the tests of features, and tell which work")
    parser.addoption("--write", action="store_true", help="with --features: put the table into README.md")
