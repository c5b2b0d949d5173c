"""The invented people, visits and measurements that every search of the suite looks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.checks import Answer, Session, samples
from profiles.json import Resource

_ADDRESS = {"text": "示例路1号", "city": "示例市"}
_PERIODS = {
    "closed": {"start": "2024-03-01T08:00:00+08:00", "end": "2024-03-10T08:00:00+08:00"},
    "openend": {"start": "2024-03-05T08:00:00+08:00"},
    "openstart": {"end": "2024-03-07T08:00:00+08:00"},
}
_REFUSED = {400, 422, 501}
_VALUES = {"low": "5.40", "middle": "6.3", "high": "7.0"}


@dataclass(frozen=True, slots=True)
class Scene:
    unique: str
    ids: Mapping[str, Mapping[str, str]]
    """Resource type → name in the suite → id on the target."""

    def of(self, kind: str, name: str) -> str:
        return self.ids[kind][name]

    def query(self, kind: str, query: str) -> str:
        """A search among the scene's own; `{unique}`, and `{anna}` for an id, may stand in the query."""
        names = {name: id_ for one in self.ids.values() for name, id_ in one.items()}
        return f"{kind}?_id={','.join(self.ids[kind].values())}&{query.format(unique=self.unique, **names)}"

    def names(self, kind: str, resources: list[Resource]) -> list[str]:
        known = {id_: name for name, id_ in self.ids[kind].items()}
        return [known.get(str(one.get("id")), "?") for one in resources if one.get("resourceType") == kind]


async def scene(on: Session) -> Scene:
    """Made once for the suite."""
    return await on.once(_made)


def require(on: Session, answer: Answer, feature: str) -> None:
    """Skip where a server refuses what it need not know and nobody expects of it (`search:exact`, `search:sort`…).

    https://hl7.org/fhir/R4/search.html#errors
    """
    if feature and answer.status in _REFUSED and not on.claims(f"search:{feature}"):
        on.skip(f"目标不支持 {feature}（{answer.status}）", f"the target does not know {feature} ({answer.status})")


async def expect_found(on: Session, kind: str, query: str, *names: str, feature: str = "") -> Answer:
    """Exactly these match."""
    here = await scene(on)
    answer = await on.get(here.query(kind, query))
    require(on, answer, feature)
    found = here.names(kind, answer.matches)
    wanted = ", ".join(sorted(names)) or "0"
    said = ", ".join(sorted(found)) or "0"
    zh, en = f"{query} 应找到 {wanted}，实为 {said}", f"{query} should find {wanted}, and finds {said}"
    return answer.expect(sorted(found) == sorted(names), zh, en)


async def _made(on: Session) -> Scene:
    unique = on.unique
    patients = {name: (await on.create(one))["id"] for name, one in _patients(unique).items()}
    anna = f"Patient/{patients['anna']}"
    ids: dict[str, dict[str, str]] = {"Patient": patients}
    if on.claims("Encounter.create"):
        visits = {
            name: samples.encounter(anna, f"{unique}-{name}", period, status="in-progress")
            for name, period in _PERIODS.items()
        }
        ids["Encounter"] = {name: (await on.create(one))["id"] for name, one in visits.items()}
    if on.claims("Observation.create"):
        ids["Observation"] = {name: (await on.create(one))["id"] for name, one in _measured(unique, ids).items()}
    return Scene(unique, ids)


def _patients(unique: str) -> dict[str, Resource]:
    def named(family: str, given: str) -> list[Resource]:
        return [{"use": "official", "family": family, "given": [given]}]

    anna = {"name": named(f"Conformance{unique}", "Änna"), "gender": "female", "birthDate": "1980-05-17"}
    bob = {"name": named(f"Conformance{unique}son", "Bob"), "gender": "male", "birthDate": "1990", "active": False}
    carl = samples.patient(f"{unique}-carl", name=named(f"Other{unique}", "Carl"))
    bare = {name: value for name, value in carl.items() if name not in {"gender", "birthDate"}}
    return {
        "anna": samples.patient(f"{unique}-anna", address=[_ADDRESS], **anna),
        "bob": samples.patient(f"{unique}-bob", **bob),
        "carl": bare,
    }


def _measured(unique: str, ids: Mapping[str, Mapping[str, str]]) -> dict[str, Resource]:
    """Two of anna, one of bob (high); low was measured in the visit that has ended."""
    anna, bob = (f"Patient/{ids['Patient'][name]}" for name in ("anna", "bob"))
    visit = {"encounter": {"reference": f"Encounter/{ids['Encounter']['closed']}"}} if "Encounter" in ids else {}
    low = samples.observation(anna, f"{unique}-low", _VALUES["low"], effectiveDateTime="2024-01-15", **visit)
    middle = samples.observation(anna, f"{unique}-middle", _VALUES["middle"], effectiveDateTime="2024-02-15")
    high = samples.observation(bob, f"{unique}-high", _VALUES["high"], effectiveDateTime="2024-02-15T10:30:00+08:00")
    return {"low": low, "middle": middle, "high": high}
