"""Operations, R4's and those of the server's own definitions. https://hl7.org/fhir/R4/operations.html"""

from conformance.checks import Suite
from conformance.suites.operations import claims, codes, records, validate

SUITE = Suite(
    "operations",
    "操作",
    "Operations",
    (*claims.CHECKS, *validate.CHECKS, *records.CHECKS, *codes.CHECKS),
)
