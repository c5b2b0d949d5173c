"""Prefer: what a client would like to see. https://hl7.org/fhir/R4/http.html#ops"""

from conformance.checks import Session, check, samples, should

_CLAIMS = ("Patient.create", "Patient.read")


@check(
    should(
        "rest-prefer-minimal",
        "http.html#ops",
        "return=minimal 时无内容，Location 仍在",
        "return=minimal: no body, and Location all the same",
    ),
    claims=_CLAIMS,
    after=("rest-create",),
)
async def minimal(on: Session) -> None:
    answer = await on.post("Patient", samples.patient(on.unique), headers={"Prefer": "return=minimal"})
    answer.expect_status(201).expect_header("Location")
    answer.expect(not answer.content, "不应有内容", "there should be no body")


@check(
    should(
        "rest-prefer-representation",
        "http.html#ops",
        "return=representation 时返回资源",
        "return=representation: the resource",
    ),
    claims=_CLAIMS,
    after=("rest-create",),
)
async def representation(on: Session) -> None:
    answer = await on.post("Patient", samples.patient(on.unique), headers={"Prefer": "return=representation"})
    found = answer.expect_status(201).expect_type("Patient")
    answer.expect(found.get("id") == answer.place[1], "应为所存的资源", "it should be the resource as it is stored")


@check(
    should(
        "rest-prefer-outcome",
        "http.html#ops",
        "return=OperationOutcome 时返回 OperationOutcome",
        "return=OperationOutcome: an OperationOutcome",
    ),
    claims=_CLAIMS,
    after=("rest-create",),
)
async def outcome(on: Session) -> None:
    answer = await on.post("Patient", samples.patient(on.unique), headers={"Prefer": "return=OperationOutcome"})
    answer.expect_status(201).expect_type("OperationOutcome")


CHECKS = (minimal, representation, outcome)
