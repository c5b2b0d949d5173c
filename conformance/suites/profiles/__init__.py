"""Our guide against any server: examples pass and are stored, what breaks a profile is found and refused. https://hl7.org/fhir/R4/profiling.html"""

from conformance.checks import Suite
from conformance.suites.profiles import guide, storing, terms, validating

SUITE = Suite(
    "profiles",
    "本规范的 profile",
    "Profiles of the guide",
    (*validating.checks(), *storing.checks(), *terms.checks()),
    data=tuple(guide.sources()),
)
