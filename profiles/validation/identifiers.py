"""Chinese identity numbers wherever an Identifier says by its system that it is one. GB 11643, GB 32100"""

from typing import Any

from profiles import canonical
from profiles.identifiers import health_record_no_fault, resident_id_fault, social_credit_code_fault
from profiles.r4.issues import Fault, Place
from profiles.validation.run import Check, Run

_FAULTS = {
    canonical.RESIDENT_ID: (resident_id_fault, "FD-IDENTIFIER-RESIDENT"),
    canonical.naming_system("uscc"): (social_credit_code_fault, "FD-IDENTIFIER-USCC"),
    canonical.HEALTH_RECORD_NO: (health_record_no_fault, "FD-IDENTIFIER-HEALTH-RECORD"),
}


def _check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
    if type(value) is not dict:
        return
    system, number = value.get("system"), value.get("value")
    if type(system) is not str or system not in _FAULTS or type(number) is not str:
        return
    find, key = _FAULTS[system]
    wrong = find(number)
    if wrong is None and number != number.strip().upper():
        wrong = "characters"
    if wrong is not None:
        run.faults.append(Fault((place, "value", -1, place[3]), f"{key}:{wrong}", {}))


CHECKS: dict[str, list[Check]] = {"Identifier": [_check]}
"""By type."""
