"""The REST API: every interaction, its headers and its conditions. https://hl7.org/fhir/R4/http.html"""

from conformance.checks import Suite
from conformance.suites.fhir_rest import (
    binaries,
    bundles,
    capability,
    changes,
    conditions,
    creation,
    forms,
    histories,
    operations,
    patches,
    preferences,
    reading,
)

_PARTS = (
    capability,
    creation,
    reading,
    changes,
    histories,
    conditions,
    preferences,
    forms,
    patches,
    bundles,
    binaries,
    operations,
)
SUITE = Suite("fhir_rest", "FHIR REST 接口", "FHIR REST API", tuple(one for part in _PARTS for one in part.CHECKS))
