"""What is not valid does not get in: every fault at once, with its place."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from gateway.errors import Issue, Unprocessable
from profiles import terminology, validation, validator
from profiles.json import Resource
from profiles.terminology import Terminology
from profiles.validation import Validator


class Guide(NamedTuple):
    """What resources are held to at one moment."""

    validator: Validator
    terminology: Terminology


@cache
def shipped() -> Guide:
    """What is in the package, and nothing else."""
    return Guide(validation.shipped(), terminology.shipped())


def require_structure(resource: Resource) -> None:
    """Raises `Unprocessable` with every fault of what is no FHIR 4.0.1 JSON, of a resource that is not to be stored."""
    _require_none(validator.check(resource))


def require_valid(resource: Resource, held_to: Validator) -> None:
    """Raises `Unprocessable` with every error, by R4 and by the profiles that are claimed or that the content implies.

    What it refers to is not looked at: whether a resource gets in does not depend on what else is stored.
    """
    _require_none(held_to.check(resource))


def _require_none(found: Iterable[validation.Issue]) -> None:
    faults = [one for one in found if one.severity == "error"]
    if faults:
        raise Unprocessable.of([Issue(one.code, one.key, one.zh, one.en, one.expression) for one in faults])
