"""Writes the R4 validation cases that we run, and why we do not run the others, from HL7's published test cases.

    python tests/profiles/published/extract.py fhir-test-cases-1.7.69.jar

The jar is `org.hl7.fhir.testcases:fhir-test-cases:1.7.69` of Maven Central, Apache-2.0 (its LICENSE.txt is in the zip).
A run is a case alone, or with the profile that it names (`name + profile`). The verdict is that of the Java validator,
as published in `validator/outcomes/java`. https://github.com/FHIR/fhir-test-cases
"""

import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

TARGET = Path(__file__).with_name("hl7-validation-cases.zip")
ROOT = "org/hl7/fhir/testcases/"
VALIDATOR = ROOT + "validator/"
R4 = {"4.0", "4.0.1"}
CONFORMANCE = {"StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap"}

CLASSES = {
    "other-version": "Another version of FHIR.",
    "xml": "The resource is XML.",
    "other-format": "Not FHIR JSON: CDS Hooks, a Smart Health Card, a JWT, an HL7 v2 message, a mapping, NDJSON.",
    "xml-profile": "The profile is XML.",
    "logical-model": "Asks about a logical model, not a resource.",
    "matchetype": "Asks whether two resources are alike, not whether one is valid.",
    "off": "Switched off by HL7, or without an outcome of the reference validator, or without its file.",
    "package": "Needs a package, or the only errors come from a profile, that is not in the jar.",
    "terminology-server": "The only errors come from a code system that must be licensed or asked for at a server.",
    "signature": "The only errors come from verifying a digital signature with a certificate.",
    "option": "The only errors come from an option of the reference validator that forbids what FHIR allows.",
    "server": "The only errors come from fetching what a reference leads to.",
    "json5": "JSON with comments, which the case allows by an option of the reference validator.",
}
"""Why a case is not run: always something about the case."""

SERVERS = re.compile(
    r"(Unknown code|Wrong Display Name|Wrong whitespace in Display Name|is not valid in the system).*"
    r"(http://(snomed\.info/sct|loinc\.org|nucc\.org|varnomen\.hgvs\.org|standardterms\.edqm\.eu|ncicb\.nci\.nih\.gov"
    r"|hl7\.org/fhir/sid/(cvx|icd|ndc)|www\.cms\.gov))"
)
"""Systems whose content is in no definition of HL7's R4, and cannot be put there."""

_MESSAGES = {
    "signature": re.compile(r"signature", re.IGNORECASE),
    "option": re.compile(
        r"Example URLs are not allowed|for security reasons in this context|embedded HTML tag|When HL7 is publishing"
        r"|Experimental content is not allowed"
    ),
}


def main(jar: Path) -> None:
    with zipfile.ZipFile(jar) as archive:
        cases = Cases(archive)
        content = dict(cases.files())
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            zipped.writestr(entry, data)
    print(f"{len(cases.runs)} runs, {len(cases.excluded)} not run, {TARGET.stat().st_size} bytes")


class Cases:
    """The cases of an archive: those to run, and those not to run with the class of the reason."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = frozenset(archive.namelist())
        self.runs: list[Json] = []
        self.excluded: list[Json] = []
        for case in json.loads(archive.read(VALIDATOR + "manifest.json"))["test-cases"]:
            self._case(case)

    def _case(self, case: Json) -> None:
        for kind in ("java", "profile", "logical", "matchetype"):
            said = case.get(kind)
            if kind == "java" or isinstance(said, dict):
                name = case["name"] if kind == "java" else f"{case['name']} + {kind}"
                reason = self._reason(case, kind)
                about = {"name": name, "module": case.get("module", "base")}
                if reason:
                    self.excluded.append({**about, "class": reason[0], "detail": reason[1]})
                else:
                    self.runs.append({**about, **self._run(case, kind)})

    # Why not

    def _reason(self, case: Json, kind: str) -> tuple[str, str] | None:
        version, file = case.get("version", "5.0"), case["file"]
        if version not in R4:
            return "other-version", version
        if file.endswith(".xml"):
            return "xml", ""
        if not file.endswith(".json") or case.get("module") in {"cdshooks", "shc"}:
            return "other-format", str(case.get("module"))
        if kind in {"logical", "matchetype"}:
            return ("logical-model" if kind == "logical" else kind), ""
        if case.get("allow-comments"):
            return "json5", ""
        return self._missing(case, kind) or self._beyond(case, kind)

    def _missing(self, case: Json, kind: str) -> tuple[str, str] | None:
        if case.get("use-test") is False or self._outcome(case, kind) is None or not self._has(case["file"]):
            return "off", ""
        profile = case["profile"] if kind == "profile" else {}
        for package in _packages(case, profile):
            absent = package if not self._has(package) else self._dependency(case, package)
            if absent:
                return "package", absent
        supporting = [*_supporting(case), *([profile["source"]] if profile else []), *profile.get("supporting", ())]
        absent = next((name for name in supporting if not self._has(name)), "")
        if absent:
            return "package", absent
        return ("xml-profile", "") if any(name.endswith(".xml") for name in supporting) else None

    def _dependency(self, case: Json, package: str) -> str:
        """What a package stands on, unless it is FHIR itself or in the jar; empty if there is no such thing."""
        about = json.loads(_members(self.archive.read(VALIDATOR + package))["package/package.json"])
        given = (*case.get("packages", ()), *case.get("package-map", ()), "hl7.fhir.r4.core", "hl7.fhir.core")
        known = {name.rpartition("/")[2].partition("#")[0] for name in given}
        return next((name for name in about.get("dependencies", ()) if name not in known), "")

    def _beyond(self, case: Json, kind: str) -> tuple[str, str] | None:
        """Where every single error is of a kind that nobody could find in the files alone."""
        run = self._run(case, kind)
        files = [self.archive.read(VALIDATOR + name) for name in run["supporting"]]
        files += [_package(self.archive.read(VALIDATOR + name)) for name in run["packages"]]
        given = b"".join(files).decode(errors="replace")
        classes = {_class(issue, case, given) for issue in _errors(self._outcome(case, kind) or {})}
        return (min(classes), "") if classes and "" not in classes else None

    def _outcome(self, case: Json, kind: str) -> Json | None:
        said = case.get("java") if kind == "java" else case[kind].get("java")
        if isinstance(said, str):
            path = VALIDATOR + "outcomes/" + said
            return json.loads(self.archive.read(path)) if path in self.names else None
        return said.get("outcome") if isinstance(said, dict) else None

    def _has(self, name: str) -> bool:
        return VALIDATOR + name in self.names

    # What is run

    def _run(self, case: Json, kind: str) -> Json:
        profile = case["profile"] if kind == "profile" else {}
        errors = list(_errors(self._outcome(case, kind) or {}))
        supporting = [*_supporting(case), *profile.get("supporting", ())]
        if profile:
            supporting.append(profile["source"])
        return {
            "file": case["file"],
            "supporting": list(dict.fromkeys(supporting)),
            "packages": _packages(case, profile),
            "profiles": [self._url(profile["source"])] if profile else [],
            "error": bool(errors),
            "where": [_where(issue) for issue in errors[:3]],
        }

    def _url(self, name: str) -> str:
        return str(json.loads(self.archive.read(VALIDATOR + name))["url"])

    def files(self) -> Iterator[tuple[str, bytes]]:
        yield "LICENSE.txt", self.archive.read(ROOT + "LICENSE.txt")
        about = {"source": "org.hl7.fhir.testcases:fhir-test-cases:1.7.69", "classes": CLASSES}
        manifest = {**about, "runs": self.runs, "excluded": self.excluded}
        yield "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        for run in self.runs:
            for name in (run["file"], *run["supporting"]):
                yield f"files/{name}", self.archive.read(VALIDATOR + name)
            for name in run["packages"]:
                yield f"files/{name}.json", _package(self.archive.read(VALIDATOR + name))
        for name in self.names:
            if name.startswith(ROOT + "r4/examples/") and name.endswith(".json"):
                yield f"examples/{name.rpartition('/')[2]}", self.archive.read(name)


def _supporting(case: Json) -> list[str]:
    return [*case.get("supporting", ()), *case.get("profiles", ()), *case.get("supporting5", ())]


def _errors(outcome: Json) -> Iterator[Json]:
    return (issue for issue in outcome.get("issue", ()) if issue["severity"] in {"error", "fatal"})


def _where(issue: Json) -> str:
    return f"{next(iter(issue.get('expression', ())), '')}: {issue['details']['text'][:160]}"


def _class(issue: Json, case: Json, supporting: str) -> str:
    """Of which kind an error is that the files alone do not show; empty for one that they do."""
    text = issue["details"]["text"]
    stated = re.search(r"\((?:from|defined in) (http[^|)]+)", text)
    if stated and not stated[1].startswith("http://hl7.org/fhir/StructureDefinition/") and stated[1] not in supporting:
        return "package"
    if SERVERS.search(text):
        return "terminology-server"
    if "Unable to resolve resource" in text and case.get("validateReference") == "CHECK_EXISTS_AND_TYPE":
        return "server"
    return next((name for name, pattern in _MESSAGES.items() if pattern.search(text)), "")


def _packages(case: Json, profile: Json) -> list[str]:
    return [*case.get("packages", ()), *case.get("package-map", {}).values(), *profile.get("packages", ())]


def _package(data: bytes) -> bytes:
    """The conformance resources of an npm package, as a JSON array."""
    files = sorted(_members(data).items())
    found = [json.loads(content) for name, content in files if re.fullmatch(r"package/[^./][^/]*\.json", name)]
    return json.dumps([one for one in found if one.get("resourceType") in CONFORMANCE], ensure_ascii=False).encode()


def _members(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        opened = ((member.name, tar.extractfile(member)) for member in tar)
        return {name: file.read() for name, file in opened if file}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
