"""FHIR JSON that keeps what FHIR says matters: decimals as written, order of elements. https://hl7.org/fhir/R4/json.html"""

from decimal import Decimal
from typing import Any

import msgspec

Resource = dict[str, Any]
"""A decoded resource: the DTO, the domain object and the stored document in one."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def loads(data: bytes | str) -> Any:  # noqa: ANN401 - any JSON value
    """The decoded value; raises `ValueError` (with a byte offset where known) for what is not JSON."""
    try:
        return _decoder.decode(data)
    except ArithmeticError as error:  # a decimal with an exponent that no Decimal has
        raise ValueError("a number is beyond all limits") from error


def dumps(value: object) -> bytes:
    """UTF-8 JSON without white space."""
    return _encoder.encode(value)


def pretty(value: object) -> bytes:
    """UTF-8 JSON for people to read."""
    return msgspec.json.format(dumps(value), indent=2)
