"""What a differential says of an element, put upon what its base says.

https://hl7.org/fhir/R4/elementdefinition.html#interpretation
"""

from typing import Any

from profiles.json import Resource
from profiles.structures.tree import PLACE, Node

_ADDED = frozenset({"constraint", "condition", "mapping", "alias", "example"})
"""What a profile adds to its base, where all else replaces what the base says."""
_OF_PROFILE = frozenset({"short", "_short", "definition", "comment", "constraint", "isModifier", "isModifierReason"})
"""What the root of a profile says of an element with that profile."""
_CARDINALITY = frozenset({"min", "max"})
_VALUES = ("fixed", "pattern")


def merged(base: Resource, stated: Resource, source: str) -> Resource:
    """A new ElementDefinition; `source` is the URL of the definition that states it."""
    kept = {name: fact for name, fact in base.items() if not _superseded(name, stated)}
    kept |= {name: fact for name, fact in stated.items() if name not in PLACE | _ADDED}
    if "binding" in base and "binding" in stated:
        kept["binding"] = base["binding"] | stated["binding"]
    for name in _ADDED & stated.keys():
        kept[name] = _together(base.get(name, []), stated[name])
    if "constraint" in kept:
        kept["constraint"] = [{"source": source} | one for one in kept["constraint"]]
    return kept


def _superseded(name: str, stated: Resource) -> bool:
    """The translations of a text that is now another; what was fixed otherwise, by a value or by a pattern."""
    if name.lstrip("_").startswith(_VALUES):
        return any(one.lstrip("_").startswith(_VALUES) for one in stated)
    return name.startswith("_") and name[1:] in stated


def _together(base: list[Any], stated: list[Any]) -> list[Any]:
    """Constraints by their key, of which the later one is right; all else by being the same."""
    keys = [_identity(one) for one in stated]
    return [one for one in base if _identity(one) not in keys] + stated


def _identity(one: Any) -> Any:  # noqa: ANN401 - a constraint, a mapping, a name
    return one.get("key", one) if isinstance(one, dict) else one


def under_profile(element: Resource, profile: Resource) -> Resource:
    """An element whose type is now held to a profile, with what the root of the profile says.

    How often an extension may be there is said by its definition; the profile of any other type does not know.
    """
    wanted = _OF_PROFILE | _CARDINALITY if profile.get("base", {}).get("path") == "Extension" else _OF_PROFILE
    told = {name: fact for name, fact in profile.items() if name in wanted}
    if element.get("isModifier"):
        told.pop("isModifier", None)
    return merged(element, told, "")


def join(node: Node, profile: Node) -> None:
    """What a profile says further down, put upon children that were spelled out before the profile was named."""
    for child in profile.children:
        own = node.child(child.name)
        if own:
            own.element = _both(own.element, child.element)
            join(own, child)
        else:
            node.children.append(child.copy())
    node.slices += [one.copy() for one in profile.slices if not node.sliced(one.slice)]


def _both(element: Resource, other: Resource) -> Resource:
    together = merged(element, {name: fact for name, fact in other.items() if name != "base"}, "")
    together["min"] = max(element["min"], other["min"])
    together["max"] = min(element["max"], other["max"], key=lambda most: float("inf") if most == "*" else int(most))
    if "type" in element:
        together["type"] = min(element["type"], other["type"], key=len)
    return together
