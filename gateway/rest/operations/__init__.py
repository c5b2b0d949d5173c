"""The operations that every resource has, and those of the clinical types, by address.

https://hl7.org/fhir/R4/operationslist.html
"""

from collections.abc import Awaitable, Callable

from gateway.records import Records
from gateway.rest.exchange import Request, Response
from gateway.rest.operations import diff, document, everything, lastn, match, meta, validate

Handler = Callable[[Request, Records], Awaitable[Response]]
OPERATIONS: dict[tuple[str, ...], dict[str, Handler]] = {
    ("*", "$validate"): {"POST": validate.validate},
    ("*", "*", "$validate"): {"GET": validate.validate, "POST": validate.validate},
    ("Patient", "$everything"): {"GET": everything.of_all_patients, "POST": everything.of_all_patients},
    ("Patient", "*", "$everything"): {"GET": everything.of_patient, "POST": everything.of_patient},
    ("Encounter", "*", "$everything"): {"GET": everything.of_encounter, "POST": everything.of_encounter},
    ("Patient", "$match"): {"POST": match.match},
    ("Observation", "$lastn"): {"GET": lastn.lastn, "POST": lastn.lastn},
    ("Composition", "$document"): {"GET": document.document, "POST": document.document},
    ("Composition", "*", "$document"): {"GET": document.document, "POST": document.document},
    ("$meta",): {"GET": meta.of_system, "POST": meta.of_system},
    ("*", "$meta"): {"GET": meta.of_type, "POST": meta.of_type},
    ("*", "*", "$meta"): {"GET": meta.of_resource, "POST": meta.of_resource},
    ("*", "*", "$meta-add"): {"POST": meta.add},
    ("*", "*", "$meta-delete"): {"POST": meta.delete},
    ("*", "$diff"): {"GET": diff.of_two, "POST": diff.of_two},
    ("*", "*", "$diff"): {"GET": diff.of_versions, "POST": diff.of_versions},
}
"""Address → method → handler; `*` is a type or an id."""
