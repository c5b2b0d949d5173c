"""What the chart tells an assessment: an adult's values, those that are too high, diseases, habits."""

from decimal import Decimal
from typing import NamedTuple

from conformance.region import measurements
from conformance.region.chart import Chart
from conformance.region.elements import link
from conformance.region.measurements import Kind, Met
from profiles.json import Resource

_HIGH = {
    measurements.BMI.name: Decimal(24),
    measurements.GLUCOSE.name: Decimal("6.1"),
    measurements.CHOLESTEROL.name: Decimal("5.2"),
    measurements.LDL.name: Decimal("3.4"),
    measurements.TRIGLYCERIDE.name: Decimal("1.7"),
}
"""Of an adult, from there on (WS/T 428, 中国成人血脂异常防治指南)."""
_HIGH_PRESSURES = (140, 90)
_RISKS = ("low", "low", "moderate", "moderate", "high")
"""By how much is wrong; the last also for more."""


class Findings(NamedTuple):
    seen: list[Resource]
    """The Observations of the check-up."""
    before: list[Resource]
    """The last ones of the same kinds before it."""
    answers: Resource
    """The QuestionnaireResponse."""
    conditions: list[Resource]
    high: list[str]
    """The names of what is too high."""

    @property
    def risk(self) -> str:
        """A code of risk-probability."""
        return _RISKS[min(len(self.conditions) + len(self.high), len(_RISKS) - 1)]

    @property
    def illness(self) -> str:
        return "、".join(map(_name, self.conditions)) or "无慢性病"

    def measured(self, kind: Kind) -> Resource:
        return next(one for one in self.seen if one["code"] == kind.code)


def findings(chart: Chart, met: Met) -> Findings:
    """Of a check-up that asked how the resident lives."""
    here = [one for one in chart.resources if one.get("encounter") == link(met.encounter)]
    seen = [one for one in here if one["resourceType"] == "Observation"]
    earlier = [one for one in chart.resources if one.get("effectiveDateTime", met.at) < met.at]
    last = {_name(one): one for one in sorted(earlier, key=lambda one: str(one["effectiveDateTime"]))}
    return Findings(
        seen,
        [last[name] for one in seen if (name := _name(one)) in last],
        next(one for one in here if one["resourceType"] == "QuestionnaireResponse"),
        [one for one in chart.resources if one["resourceType"] == "Condition" and one["onsetDateTime"] < met.at],
        [_name(one) for one in seen if _is_high(one)],
    )


def told(one: Resource) -> str:
    """An Observation in words: 血压 130/80 mmHg."""
    parts = [part["valueQuantity"] for part in one.get("component", [one])]
    return f"{_name(one)} {'/'.join(str(part['value']) for part in parts)} {parts[0]['unit']}"


def _is_high(one: Resource) -> bool:
    if "component" in one:
        pressures = [part["valueQuantity"]["value"] for part in one["component"]]
        return any(value >= most for value, most in zip(pressures, _HIGH_PRESSURES, strict=True))
    most = _HIGH.get(_name(one))
    return most is not None and one["valueQuantity"]["value"] >= most


def _name(one: Resource) -> str:
    return str(one["code"]["text"])
