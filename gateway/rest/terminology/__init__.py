"""The operations on terminology, by address. https://hl7.org/fhir/R4/terminology-service.html"""

from collections.abc import Awaitable, Callable

from gateway.records import Records
from gateway.rest.exchange import Request, Response
from gateway.rest.terminology import code_systems, concept_maps, value_sets

Handler = Callable[[Request, Records], Awaitable[Response]]
OPERATIONS: dict[tuple[str, ...], dict[str, Handler]] = {
    address: {"GET": handler, "POST": handler}
    for address, handler in (
        (("ValueSet", "$expand"), value_sets.expand),
        (("ValueSet", "*", "$expand"), value_sets.expand),
        (("ValueSet", "$validate-code"), value_sets.validate_code),
        (("ValueSet", "*", "$validate-code"), value_sets.validate_code),
        (("CodeSystem", "$lookup"), code_systems.lookup),
        (("CodeSystem", "$validate-code"), code_systems.validate_code),
        (("CodeSystem", "*", "$validate-code"), code_systems.validate_code),
        (("CodeSystem", "$subsumes"), code_systems.subsumes),
        (("CodeSystem", "*", "$subsumes"), code_systems.subsumes),
        (("ConceptMap", "$translate"), concept_maps.translate),
        (("ConceptMap", "*", "$translate"), concept_maps.translate),
    )
}
"""Address → method → handler; `*` is an id."""
