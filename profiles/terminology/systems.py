"""A code system: its concepts by code, and what stands above and below each. https://hl7.org/fhir/R4/codesystem.html"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from profiles.json import Resource

_ABSTRACT = frozenset({"notSelectable", "abstract"})
_ABOVE = frozenset({"parent", "subsumedBy"})
_RETIRED = frozenset({"retired", "inactive"})


@dataclass(frozen=True, slots=True, eq=False)
class System:
    url: str
    version: str
    name: str
    language: str
    content: str
    """complete, fragment, example, not-present or supplement."""
    is_a: bool
    """The hierarchy says what is a kind of what; a hierarchy of parts or groups says no such thing."""
    concepts: Mapping[str, Resource]
    """In the order of the definition, a parent before what is written inside it."""
    folded: Mapping[str, str]
    """Lower case → code, of a system that is said not to be case sensitive."""
    parents: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]

    @property
    def complete(self) -> bool:
        return self.content == "complete"

    def find(self, code: str) -> Resource | None:
        found = self.concepts.get(code)
        return found if found is not None or not self.folded else self.concepts.get(self.folded.get(code.lower(), ""))

    def below(self, code: str) -> frozenset[str]:
        """The code and everything under it; empty for a code that is not here."""
        return _reached(self.children, code) if code in self.concepts else frozenset()

    def above(self, code: str) -> frozenset[str]:
        """The code and everything over it; empty for a code that is not here."""
        return _reached(self.parents, code) if code in self.concepts else frozenset()


def _reached(steps: Mapping[str, tuple[str, ...]], start: str) -> frozenset[str]:
    found, waiting = {start}, [start]
    while waiting:
        for code in steps.get(waiting.pop(), ()):
            if code not in found:
                found.add(code)
                waiting.append(code)
    return frozenset(found)


def system_of(resource: Resource) -> System:
    """Reads a CodeSystem resource; it keeps the concepts as they are written."""
    concepts: dict[str, Resource] = {}
    links: list[tuple[str, str]] = []
    for parent, concept in _walk(resource):
        code = concept["code"]
        concepts.setdefault(code, concept)
        links += [(parent, code)] if parent else []
        links += [(str(value), code) for name in _ABOVE for value in properties(concept).get(name, ())]
        links += [(code, str(value)) for value in properties(concept).get("child", ())]
    known = [(over, under) for over, under in dict.fromkeys(links) if over in concepts and under in concepts]
    case_matters = resource.get("caseSensitive", True)
    return System(
        url=resource.get("url", ""),
        version=resource.get("version", ""),
        name=resource.get("name") or resource.get("title") or resource.get("url", ""),
        language=resource.get("language", ""),
        content=resource.get("content", "complete"),
        is_a=resource.get("hierarchyMeaning", "is-a") == "is-a",
        concepts=concepts,
        folded={} if case_matters else {code.lower(): code for code in reversed(concepts)},
        parents=_grouped((under, over) for over, under in known),
        children=_grouped(known),
    )


def _walk(resource: Resource) -> Iterator[tuple[str, Resource]]:
    """Every concept with the code that it is written inside of; without recursion, for anybody may post one."""
    waiting = [("", concept) for concept in reversed(resource.get("concept", []))]
    while waiting:
        parent, concept = waiting.pop()
        yield parent, concept
        waiting += [(concept["code"], inner) for inner in reversed(concept.get("concept", []))]


def _grouped(pairs: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


# Concepts


def properties(concept: Resource) -> dict[str, list[Any]]:
    """Code of the property → its values as JSON."""
    found: dict[str, list[Any]] = {}
    for one in concept.get("property", ()):
        values = [value for name, value in one.items() if name.startswith("value")]
        found.setdefault(one.get("code", ""), []).extend(values)
    return found


def is_abstract(concept: Resource) -> bool:
    """A heading that nothing is coded with."""
    return any(True in values for name, values in properties(concept).items() if name in _ABSTRACT)


def is_inactive(concept: Resource) -> bool:
    said = properties(concept)
    return True in said.get("inactive", ()) or not _RETIRED.isdisjoint(map(str, said.get("status", ())))


def designations(concept: Resource) -> list[Resource]:
    found: list[Resource] = concept.get("designation", [])
    return found


def worded(concept: Resource, language: str) -> str | None:
    """The designation in a language: `zh` is answered by `zh-CN` as well, and the other way round."""
    for exact in (True, False):
        for one in designations(concept):
            if speaks(one.get("language", ""), language, exact=exact):
                return str(one["value"])
    return None


def speaks(language: str, wanted: str, *, exact: bool = False) -> bool:
    language, wanted = language.lower(), wanted.lower()
    return language == wanted if exact else language.partition("-")[0] == wanted.partition("-")[0]
