"""What can go wrong, as one tree: each error knows its HTTP status and its FHIR issue code.

https://hl7.org/fhir/R4/valueset-issue-type.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Issue:
    """One entry of an OperationOutcome: what, where (FHIRPath), and how to mend it, in Chinese and English."""

    code: str
    key: str
    zh: str
    en: str
    expression: str | None = None
    severity: str = "error"


class FhirError(Exception):
    """The root. `key` is stable for programs; texts never hold personal data."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "exception"

    def __init__(self, key: str, zh: str, en: str, expression: str | None = None) -> None:
        super().__init__(en)
        self.issues: tuple[Issue, ...] = (Issue(self.code, key, zh, en, expression),)

    def at(self, place: str) -> "FhirError":
        """The same error, with a place where none is told."""
        self.issues = tuple(issue if issue.expression else replace(issue, expression=place) for issue in self.issues)
        return self


class BadRequest(FhirError):
    status = 400
    code = "invalid"


class BadSyntax(BadRequest):
    code = "structure"


class NotSupported(BadRequest):
    code = "not-supported"


class Unauthenticated(FhirError):
    status = 401
    code = "login"


class Forbidden(FhirError):
    status = 403
    code = "forbidden"


class NotFound(FhirError):
    status = 404
    code = "not-found"


class MethodNotAllowed(FhirError):
    status = 405
    code = "not-supported"


class NotAcceptable(FhirError):
    status = 406
    code = "not-supported"


class Conflict(FhirError):
    status = 409
    code = "conflict"


class Duplicate(Conflict):
    code = "duplicate"


class Gone(FhirError):
    status = 410
    code = "deleted"


class VersionMismatch(FhirError):
    status = 412
    code = "conflict"


class TooLarge(FhirError):
    status = 413
    code = "too-long"


class UnsupportedMediaType(FhirError):
    status = 415
    code = "not-supported"


class Unprocessable(FhirError):
    """A resource that is JSON but not a valid resource, or breaks a rule of the domain."""

    status = 422
    code = "processing"

    @classmethod
    def of(cls, issues: Sequence[Issue]) -> "Unprocessable":
        first = issues[0]
        error = cls(first.key, first.zh, first.en, first.expression)
        error.issues = tuple(issues)
        return error


class BusinessRule(Unprocessable):
    code = "business-rule"


class TooCostly(Unprocessable):
    code = "too-costly"


class Busy(FhirError):
    """Others were always faster; the same request may be sent again."""

    status = 429
    code = "transient"


class Unavailable(FhirError):
    """The database is away or busy; the same request may be sent again."""

    status = 503
    code = "transient"


def not_found() -> NotFound:
    return NotFound(
        "FD-NOT-FOUND", "没有这个资源;请检查类型与 id。", "There is no such resource; check its type and id."
    )
