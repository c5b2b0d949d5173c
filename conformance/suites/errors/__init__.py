"""What cannot be done: the right status, an OperationOutcome that tells why, and never 500.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from conformance.checks import Suite
from conformance.suites.errors import addresses, requests, resources

_PARTS = (resources, addresses, requests)
SUITE = Suite("errors", "错误处理", "Errors", tuple(one for part in _PARTS for one in part.CHECKS))
