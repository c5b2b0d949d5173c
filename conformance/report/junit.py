"""A report as JUnit XML, which build servers read. https://github.com/testmoapp/junitxml"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conformance.report.document import Document
from conformance.report.words import printable, titled

_OUTCOMES = {"fail": "failure", "error": "error", "skip": "skipped", "not-run": "skipped"}


def drawn(report: Document) -> bytes:
    root = Element("testsuites", name="fdgw conformance", time=str(report["seconds"]))
    for suite in report["suites"]:
        checks = [one for one in report["checks"] if one["suite"] == suite["id"]]
        root.append(_suite(report, suite, checks))
    indent(root)
    written: bytes = tostring(root, "utf-8", xml_declaration=True)
    return written


def _suite(report: Document, suite: Document, checks: list[Document]) -> Element:
    outcomes = [_OUTCOMES.get(one["verdict"], "") for one in checks]
    found = Element(
        "testsuite",
        name=suite["id"],
        tests=str(len(checks)),
        failures=str(outcomes.count("failure")),
        errors=str(outcomes.count("error")),
        skipped=str(outcomes.count("skipped")),
        time=str(round(sum(one["seconds"] for one in checks), 3)),
        timestamp=report["begun"],
    )
    properties = SubElement(found, "properties")
    for name, value in _properties(report, suite):
        SubElement(properties, "property", name=name, value=printable(value))
    for one in checks:
        found.append(_case(one))
    return found


def _properties(report: Document, suite: Document) -> list[tuple[str, str]]:
    target = report["target"]
    return [
        ("suite.version", suite["version"]),
        ("fhir.version", report["fhirVersion"]),
        ("target.url", target["url"]),
        ("target.software", f"{target['software']} {target['version']}".strip()),
        ("preset", report["preset"]["name"]),
        *((f"input.{name}", value) for name, value in report["inputs"].items()),
    ]


def _case(check: Document) -> Element:
    named = {"classname": f"{check['suite']}.{check['strength']}", "name": f"{check['id']} {titled(check)}"}
    found = Element("testcase", named, time=str(check["seconds"]))
    said = titled(check["reason"]) if check["reason"]["zh"] else ""
    outcome = _OUTCOMES.get(check["verdict"])
    if outcome:
        told = SubElement(found, outcome, message=printable(f"{check['verdict']}: {said}"), type=check["verdict"])
        told.text = printable(f"{check['source']}\n{_asked(check)}")
    elif said:
        SubElement(found, "system-out").text = printable(f"{check['verdict']}: {said}")
    return found


def _asked(check: Document) -> str:
    return "\n".join(f"{one['request']['line']} → {one['response']['status']}" for one in check["exchanges"])
