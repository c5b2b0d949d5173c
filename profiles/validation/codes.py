"""The codes of a value set as a binding asks for them, with the systems that have a grammar instead of a list.

https://hl7.org/fhir/R4/terminologies-systems.html
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal, NamedTuple

from profiles import ucum
from profiles.fhirpath import Effort
from profiles.terminology import Claim, Fault, Terminology

_MIME = re.compile(r"[\w.+*!#$&^-]+/[\w.+*!#$&^-]+(?:\s*;.*)?|[\w.+-]+")
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,8}|[xi])(?:-[A-Za-z0-9]{1,8})*")
_CURRENCY = re.compile(r"[A-Z]{3}")

GRAMMARS: dict[str, Callable[[str], object]] = {
    "urn:ietf:bcp:13": _MIME.fullmatch,
    "urn:ietf:bcp:47": _LANGUAGE.fullmatch,
    "urn:iso:std:iso:4217": _CURRENCY.fullmatch,
    ucum.SYSTEM: lambda code: ucum.canonical(Decimal(1), code) is not None,
}
"""By the canonical URL of the system: whether a code is one of it."""


class Codes(NamedTuple):
    url: str
    terminology: Terminology
    listed: frozenset[tuple[str, str]]
    """System and code; empty where the set cannot be listed whole."""
    plain: frozenset[str]
    """The codes without their systems."""
    faulty: bool = False
    """The definition of the set makes no sense, or is too costly to list: nobody can tell."""

    def verdict(self, claim: Claim, paying: Effort | None = None) -> Literal[True] | str:
        """True where the code is in the set; where it is not, empty, or what would have to be here to tell.

        A Coding without a system (`""`) is in no set; a plain code (None) is of whichever system has it.
        """
        if (claim.system, claim.code) in self.listed:
            return True
        if claim.system == "":
            return ""
        if paying is not None:
            paying.spend(10)
        return self.url if self.faulty else self._asked(claim)

    def _asked(self, claim: Claim) -> Literal[True] | str:
        try:
            found = self.terminology.validate_code(claim, self.url)
        except Fault:
            return self.url
        if found.valid:
            return True
        if found.unknown is None:
            return ""
        system = found.unknown.url.partition("|")[0]
        grammar = GRAMMARS.get(system)
        if grammar is None:
            return found.unknown.url
        return True if grammar(claim.code) and claim.system in {system, None} else ""


def codes(terminology: Terminology, url: str) -> Codes:
    """Never raises: of a value set that cannot be listed, every code is asked for."""
    try:
        listed = terminology.codes_in(url) or frozenset()
    except Fault:
        return Codes(url, terminology, frozenset(), frozenset(), faulty=True)
    return Codes(url, terminology, listed, frozenset(code for _, code in listed))
