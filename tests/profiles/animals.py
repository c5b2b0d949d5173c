"""A small code system of animals, and value sets made of it."""

from profiles.json import Resource
from profiles.terminology import Terminology, Wish

NOW = "2026-11-22T08:00:00+08:00"
GENDER = "http://hl7.org/fhir/administrative-gender"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
SNOMED = "http://snomed.info/sct"
MINE = "https://example.org/cs"
ANIMALS: Resource = {
    "resourceType": "CodeSystem",
    "id": "animals",
    "url": MINE,
    "version": "2",
    "status": "active",
    "content": "complete",
    "caseSensitive": False,
    "language": "en",
    "valueSet": "https://example.org/all-animals",
    "concept": [
        {
            "code": "animal",
            "display": "Animal",
            "property": [{"code": "notSelectable", "valueBoolean": True}],
            "concept": [
                {
                    "code": "dog",
                    "display": "Dog",
                    "definition": "Barks.",
                    "designation": [{"language": "zh-CN", "value": "狗"}],
                    "property": [{"code": "legs", "valueInteger": 4}, {"code": "pet", "valueBoolean": True}],
                    "concept": [{"code": "poodle", "display": "Poodle"}],
                },
                {"code": "emu", "display": "Emu", "property": [{"code": "legs", "valueInteger": 2}]},
                {"code": "dodo", "display": "Dodo", "property": [{"code": "status", "valueCode": "retired"}]},
            ],
        },
        {"code": "pet", "display": "Pet", "property": [{"code": "child", "valueCode": "dog"}]},
    ],
}
MY_TERMINOLOGY = Terminology([ANIMALS])


def value_set(*include: Resource, **more: object) -> Resource:
    compose = {"include": list(include), **more}
    return {"resourceType": "ValueSet", "url": "https://example.org/vs", "status": "draft", "compose": compose}


def animals(*filters: tuple[str, str, str]) -> Resource:
    said = [{"property": name, "op": op, "value": value} for name, op, value in filters]
    return {"system": MINE, **({"filter": said} if said else {})}


def listed(resource: Resource | str, wish: Wish | None = None, terminology: Terminology = MY_TERMINOLOGY) -> list[str]:
    expansion = terminology.expand(resource, NOW, wish or Wish(exclude_nested=True))["expansion"]
    return [entry["code"] for entry in expansion.get("contains", [])]
