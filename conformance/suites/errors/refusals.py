"""What every refusal has in common. https://hl7.org/fhir/R4/http.html#2.21.0.4"""

from conformance.checks import Answer


def refused(answer: Answer, *codes: int) -> Answer:
    """One of these statuses; an OperationOutcome, which R4 only recommends."""
    answer.expect_status(*codes)
    return answer.advise(answer.is_outcome, "应有 OperationOutcome", "there should be an OperationOutcome")
