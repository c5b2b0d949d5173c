"""FHIRPath: expressions compiled once, evaluated on plain JSON with decimals kept. https://hl7.org/fhir/R4/fhirpath.html"""

from profiles.fhirpath.evaluation import Expression, compiled, compiled_tree
from profiles.fhirpath.grammar import Tree, name_of, parsed
from profiles.fhirpath.nodes import Node, root
from profiles.fhirpath.tokens import NotFhirPathError
from profiles.fhirpath.values import plain
from profiles.fhirpath.world import Effort, Items, TooCostlyError, UndecidedError, World

__all__ = [
    "Effort",
    "Expression",
    "Items",
    "Node",
    "NotFhirPathError",
    "TooCostlyError",
    "Tree",
    "UndecidedError",
    "World",
    "compiled",
    "compiled_tree",
    "name_of",
    "parsed",
    "plain",
    "root",
]
