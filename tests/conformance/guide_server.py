"""A FHIR server in memory that enforces our guide by our own validator, and can be told not to."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit

from profiles import definitions, json, package, terminology, validation
from profiles.terminology import Fault


@dataclass
class Ways:
    """How it is broken."""

    blind: bool = False
    """$validate finds nothing."""
    misplaced: bool = False
    """$validate tells that something is wrong, and not where."""
    strict_with_claims_only: bool = False
    """What does not claim a profile is not held to it."""
    stores_all: bool = False
    lenient_stores_all: bool = False
    refuses_all: bool = False
    forgets_codes: bool = False
    knows_every_code: bool = False


@dataclass
class Guide:
    ways: Ways
    stored: dict = field(default_factory=dict)
    numbers: count = field(default_factory=lambda: count(1))

    def issues(self, resource, profiles=()):
        if self.ways.refuses_all:
            return [{"severity": "error", "code": "invalid", "expression": [resource["resourceType"]]}]
        if self.ways.strict_with_claims_only and not resource.get("meta", {}).get("profile") and not profiles:
            return []
        return [
            {
                "severity": one.severity,
                "code": one.code,
                "diagnostics": one.en,
                "expression": ["Resource"] if self.ways.misplaced else [one.expression],
            }
            for one in validation.shipped().check(resource, profiles)
        ]

    def store(self, resource, prefer):
        """(status, issues, location)."""
        issues = self.issues(resource)
        lenient = self.ways.lenient_stores_all and "lenient" in prefer
        if not (self.ways.stores_all or lenient) and any(one["severity"] == "error" for one in issues):
            return 422, issues, ""
        place = f"{resource['resourceType']}/{next(self.numbers)}"
        self.stored[place] = resource
        return 201, issues, f"{place}/_history/1"


def capability():
    ours = {}
    for one in package.resources("structure-definitions"):
        ours.setdefault(one["type"], []).append(one["url"])
    interactions = [{"code": code} for code in ("create", "delete", "read")]
    operation = {"definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate", "name": "validate"}
    resources = [
        {
            "type": kind,
            "interaction": interactions,
            "operation": [operation, *({"name": name} for name in ("expand", "validate-code") if kind == "ValueSet")],
            "supportedProfile": ours.get(kind, []),
        }
        for kind in sorted(definitions.resource_types())
    ]
    rest = {"mode": "server", "interaction": [{"code": "transaction"}], "resource": resources}
    return {"resourceType": "CapabilityStatement", "rest": [rest]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        asked, query = self._asked()
        if asked == "metadata":
            self._say(200, self.server.capability)
        elif asked == "ValueSet/$expand":
            self._say(*self._expanded(query))
        elif asked == "ValueSet/$validate-code":
            self._say(*self._validated(query))
        else:
            self._say(404, {"resourceType": "OperationOutcome", "issue": []})

    def do_DELETE(self):
        self.server.guide.stored.pop(self._asked()[0], None)
        self._say(200, {"resourceType": "OperationOutcome", "issue": []})

    def do_POST(self):
        asked, _ = self._asked()
        guide = self.server.guide
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked.endswith("/$validate"):
            issues = [] if guide.ways.blind else guide.issues(*_taken(body))
            fine = [{"severity": "information", "code": "informational"}]
            self._say(200, {"resourceType": "OperationOutcome", "issue": issues or fine})
        elif asked:
            status, issues, location = guide.store(body, self.headers.get("Prefer", ""))
            self._say(status, {"resourceType": "OperationOutcome", "issue": issues}, location)
        else:
            self._transacted(body)

    def _transacted(self, bundle):
        if {entry["request"]["method"] for entry in bundle["entry"]} == {"DELETE"}:
            for entry in bundle["entry"]:
                self.server.guide.stored.pop(entry["request"]["url"], None)
            self._say(200, {"resourceType": "Bundle", "type": "transaction-response"})
            return
        resources = [entry["resource"] for entry in bundle["entry"]]
        found = [self.server.guide.store(one, "") for one in resources]
        if any(status != 201 for status, _, _ in found):
            issues = [issue for _, issues, _ in found for issue in issues]
            self._say(422, {"resourceType": "OperationOutcome", "issue": issues})
            return
        entries = [{"response": {"status": "201", "location": location}} for _, _, location in found]
        self._say(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries})

    def _expanded(self, query):
        try:
            found = terminology.shipped().expand(query["url"], "2026-11-22T08:00:00+08:00")
        except Fault:
            return 404, {"resourceType": "OperationOutcome", "issue": []}
        if self.server.guide.ways.forgets_codes:
            found["expansion"]["contains"].pop()
        return 200, found

    def _validated(self, query):
        known = terminology.shipped().codes_in(query["url"])
        result = (query["system"], query["code"]) in known or self.server.guide.ways.knows_every_code
        return 200, {"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": result}]}

    def _asked(self):
        parts = urlsplit(self.path)
        return unquote(parts.path).strip("/"), {name: one[0] for name, one in parse_qs(parts.query).items()}

    def _say(self, status, content, location=""):
        body = json.dumps(content)
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", f"http://127.0.0.1/{location}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""


def _taken(body):
    """The resource, and the profiles asked for."""
    if body["resourceType"] != "Parameters":
        return body, ()
    parameters = body["parameter"]
    (resource,) = (one["resource"] for one in parameters if one["name"] == "resource")
    return resource, [one["valueUri"] for one in parameters if one["name"] == "profile"]


@contextmanager
def guide_server(ways):
    """Its base URL, and what it holds."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.guide, server.capability = Guide(ways), capability()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.guide
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
