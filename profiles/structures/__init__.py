"""StructureDefinitions of the package and of a caller: where they come from, differential → snapshot.

https://hl7.org/fhir/R4/profiling.html#snapshot
"""

from profiles.structures.faults import SnapshotError
from profiles.structures.library import Structures, shipped

__all__ = ["SnapshotError", "Structures", "shipped"]
