"""Rules of R4 that no structure and no constraint states for machines. https://hl7.org/fhir/R4/resource.html"""

from binascii import Error, a2b_base64
from typing import Any

from profiles.r4.issues import Fault, Place
from profiles.validation.run import Check, Run
from profiles.validation.tree import Branch


def _attachment(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
    """https://hl7.org/fhir/R4/datatypes-definitions.html#Attachment.size"""
    data, size = (value.get("data"), value.get("size")) if type(value) is dict else (None, None)
    if type(data) is not str or type(size) is not int:
        return
    try:
        count = len(a2b_base64(data))
    except (Error, ValueError):
        return
    if count != size:
        run.faults.append(Fault((place, "size", -1, place[3]), "FD-ATTACHMENT-SIZE", {}))


def _composed(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
    """https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.system"""
    compose = value.get("compose") if type(value) is dict else None
    held: dict[str, Any] = compose if type(compose) is dict else {}
    for name in ("include", "exclude"):
        parts = held.get(name)
        for index, one in enumerate(parts if type(parts) is list else ()):
            system = one.get("system") if type(one) is dict else None
            if type(system) is str and ":" not in system:
                at: Place = ((place, "compose", -1, place[3]), name, index, place[3])
                run.faults.append(Fault((at, "system", -1, place[3]), "FD-CODING-SYSTEM", {}))


CHECKS: dict[str, list[Check]] = {"Attachment": [_attachment], "ValueSet": [_composed]}
"""By type."""


def resource_checks(root: Branch, kind: str) -> list[Check]:
    """Of a resource that may contain others, or that is named by a URL."""
    found: list[Check] = [_contained] if "contained" in root.children else []
    url = root.children.get("url")
    is_canonical = kind[:1].isupper() and {"status", "version"} <= root.children.keys() and url is not None
    return [*found, _canonical] if is_canonical else found


def _contained(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
    """https://hl7.org/fhir/R4/references.html#contained"""
    contained = value.get("contained") if type(value) is dict else None
    seen: set[str] = set()
    for index, one in enumerate(contained if type(contained) is list else ()):
        name = one.get("id") if type(one) is dict else None
        if type(name) is str:
            if name in seen:
                at: Place = ((place, "contained", index, place[3] + 1), "id", -1, place[3] + 1)
                run.faults.append(Fault(at, "FD-CONTAINED-DUPLICATE", {}))
            seen.add(name)


def _canonical(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
    """https://hl7.org/fhir/R4/references.html#canonical"""
    url = value.get("url") if type(value) is dict else None
    if type(url) is str and ":" not in url:
        run.faults.append(Fault((place, "url", -1, place[3]), "FD-CANONICAL-URL", {}))
