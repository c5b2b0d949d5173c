"""What should come of each kind of message, expected beside found (issue 2; JS-2.2.2(1), JS-2.3.2)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from conformance.story.facts import Facts
from conformance.story.mllp import Ack
from conformance.story.steps import Kind, Step
from conformance.synthetic import messages
from conformance.synthetic.residents import AGED, CHILD, DISABLED, MATERNAL
from profiles.json import Resource
from profiles.policy import ZONE

_NONE = "—"
_VISITED = {AGED, DISABLED, MATERNAL, CHILD}


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation, named in Chinese and English."""

    name: str
    expected: str
    found: str

    @property
    def met(self) -> bool:
        return self.expected == self.found


def checks(step: Step, ack: Ack, first: Ack, facts: Facts) -> list[Check]:
    """All for one message; `first` is the answer to the message when it was first sent."""
    return [
        _answered(step, ack),
        Check("同一应答 same answer", _NONE, _NONE if ack.raw == first.raw else "不同 different"),
        Check("原文保存 raw message kept", "相同 same", "相同 same" if facts.raw == step.payload else _NONE),
        *_EXPECTED[step.kind](step, facts),
    ]


def local(moment: str) -> str:
    """A FHIR dateTime as staff read it: month, day and time in Asia/Shanghai."""
    return _shown(datetime.fromisoformat(moment))


def task_code(task: Resource) -> str:
    return str(task["code"]["coding"][0]["code"])


def _answered(step: Step, ack: Ack) -> Check:
    wanted = "AA"
    if step.kind == "rejected":
        wanted = ack.code if ack.code in {"AE", "AR"} else "AE"
    declared = messages.DECLARED[step.charset]
    return Check("应答 answer", f"{wanted} {step.control_id} {declared}", f"{ack.code} {ack.control_id} {ack.charset}")


def _contracted(step: Step, facts: Facts) -> Iterator[Check]:
    assert step.player.contract is not None  # noqa: S101 - the cast gives one to whom this is expected of
    contract, admitted = step.player.contract, step.stay.admitted
    yield from _one_stay(facts)
    yield _links("签约 contract", facts, f"EpisodeOfCare/{contract.id}")
    yield Check(
        "通知 notices",
        f"CareTeam/{contract.team.id}, Patient/{contract.resident.id}",
        _joined(recipient["reference"] for one in facts.notices for recipient in one.get("recipient", ())),
    )
    yield Check("住院服务档案 inpatient record", "1", str(len(facts.records)))
    yield _due(facts, "admission-push", admitted + timedelta(hours=24))
    yield _due(facts, "inpatient-contact", _day_end(admitted, 3))


def _uncontracted(_: Step, facts: Facts) -> Iterator[Check]:
    yield from _one_stay(facts)
    yield _links("签约 contract", facts, _NONE)
    made = len(facts.notices) + len(facts.records) + len(facts.timers)
    yield Check("通知、档案、时限 notices, record, timers", "0", str(made))


def _held(_: Step, facts: Facts) -> Iterator[Check]:
    yield Check("待处理 for a person to look into", "on-hold", _joined(one["status"] for one in facts.anomalies))
    yield Check("就诊 Encounter", "0", str(len(facts.encounters)))


def _transferred(step: Step, facts: Facts) -> Iterator[Check]:
    yield from _one_stay(facts)
    beds = [place["location"]["identifier"]["value"] for one in facts.encounters for place in one.get("location", ())]
    expected = ["^".join(place) for place in (step.stay.left, step.stay.place) if place]
    yield Check("床位 beds so far", " → ".join(expected), " → ".join(beds))


def _discharged(step: Step, facts: Facts) -> Iterator[Check]:
    assert step.stay.discharged is not None  # noqa: S101 - told by A03
    ended = [local(one["period"]["end"]) for one in facts.encounters if "end" in one.get("period", {})]
    yield from _one_stay(facts)
    yield Check("出院 discharged", _shown(step.stay.discharged), _joined(ended))
    yield Check("状态 status", "finished", _joined(one["status"] for one in facts.encounters))
    yield _due(facts, "post-discharge-contact", _day_end(step.stay.discharged, 3))
    visited = step.player.resident.band in _VISITED
    yield _due(facts, "post-discharge-home-visit", _day_end(step.stay.discharged, 5) if visited else None)


def _cancelled(_: Step, facts: Facts) -> Iterator[Check]:
    yield Check("就诊 Encounter", "cancelled", _joined(one["status"] for one in facts.encounters))
    yield Check("通知 notices", "not-done, not-done", _joined(one["status"] for one in facts.notices))
    yield Check("住院服务档案 inpatient record", "entered-in-error", _joined(one["status"] for one in facts.records))
    yield Check("时限 timers", "cancelled, cancelled", _joined(one["status"] for one in facts.timers))


_EXPECTED: Mapping[Kind, Callable[[Step, Facts], Iterator[Check]]] = {
    "contracted": _contracted,
    "duplicate": _contracted,
    "uncontracted": _uncontracted,
    "rejected": _held,
    "unknown": _held,
    "transferred": _transferred,
    "discharged": _discharged,
    "cancelled": _cancelled,
}


def _one_stay(facts: Facts) -> Iterator[Check]:
    yield Check("来源 Provenance", "1", str(len(facts.provenances)))
    yield Check("就诊 Encounter", "IMP", _joined(one["class"]["code"] for one in facts.encounters))


def _links(name: str, facts: Facts, expected: str) -> Check:
    found = [link["reference"] for one in facts.encounters for link in one.get("episodeOfCare", ())]
    return Check(name, expected, _joined(found))


def _due(facts: Facts, code: str, expected: datetime | None) -> Check:
    found = [local(one["restriction"]["period"]["end"]) for one in facts.timers if task_code(one) == code]
    return Check(f"时限 {code}", _shown(expected) if expected else _NONE, _joined(found))


def _day_end(moment: datetime, days: int) -> datetime:
    """The last second of that day: "N 天内" counts days, not hours (requirements §0)."""
    return datetime.combine(moment.astimezone(ZONE).date() + timedelta(days=days), time(23, 59, 59), ZONE)


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%m-%d %H:%M:%S}"


def _joined(found: Iterator[str] | list[str]) -> str:
    return ", ".join(sorted(found)) or _NONE
