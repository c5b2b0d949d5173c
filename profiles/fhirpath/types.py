"""`is`, `as` and `ofType`. https://hl7.org/fhirpath/N1/#types"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from profiles.fhirpath.nodes import lineage
from profiles.fhirpath.values import Moment, Quantity

_SYSTEM: dict[str, tuple[type, ...]] = {
    "Boolean": (bool,),
    "Integer": (int,),
    "Decimal": (Decimal,),
    "String": (str,),
    "Date": (Moment,),
    "DateTime": (Moment,),
    "Time": (Moment,),
    "Quantity": (Quantity,),
}


def type_test(specifier: str, *, exact: bool) -> Callable[[Any], bool]:
    """Whether an item is of a type, or of a special case of it: `FHIR.Quantity`, `System.String`, `code`.

    `exact` is for `as` and `ofType`, to which HL7's validator has a code not be a string.
    """
    namespace, _, name = specifier.replace("`", "").rpartition(".")
    if namespace not in {"", "FHIR", "System"}:
        name = f"{namespace}.{name}"
    plain_name = name[:1].upper() + name[1:] if namespace != "FHIR" else ""
    kinds = _SYSTEM.get(plain_name, ())

    def test(item: Any) -> bool:  # noqa: ANN401 - any item
        if type(item) is tuple:
            return namespace != "System" and name in (item[1:2] if exact and name[:1].islower() else lineage(item[1]))
        return type(item) in kinds

    return test
