"""Search: what is found, in what order, on how many pages. https://hl7.org/fhir/R4/search.html"""

from conformance.checks import Suite
from conformance.suites.search import dates, others, pages, relations, results, values

_PARTS = (results, pages, values, dates, relations, others)
SUITE = Suite("search", "检索", "Search", tuple(one for part in _PARTS for one in part.CHECKS))
