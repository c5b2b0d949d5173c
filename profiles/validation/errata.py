"""Expressions of 4.0.1 that do not say what their words do, and what they should have been.

HL7's validator has most of them mended too, and later releases of FHIR have all.
"""

_NAMED = "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')"
_PERCENT = "probability is decimal implies (probability as decimal) <= 100"
_CANCELLED = (
    "Appointment.cancelationReason.exists() implies (Appointment.status='{}' or Appointment.status='cancelled')"
)
_CLINICAL = (
    "clinicalStatus.exists() or verificationStatus.coding.where("
    "system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or "
)
_MENDED = {
    "enableWhen.count() > 2 implies enableBehavior.exists()": "enableWhen.count() > 1 implies enableBehavior.exists()",
    _NAMED: f"name.empty() or {_NAMED}",
    _PERCENT: f"probability.empty() or ({_PERCENT})",
    _CANCELLED.format("no-show"): _CANCELLED.format("noshow"),
    f"{_CLINICAL}category.select($this='problem-list-item').empty()": (
        f"{_CLINICAL}category.coding.where(code='problem-list-item').empty()"
    ),
    # Of an extension, which knows nothing of the AllergyIntolerance around it.
    "substanceExposureRisk.exists() and code.empty()": "true",
}


def mended(expression: str) -> str:
    return _MENDED.get(expression, expression)
