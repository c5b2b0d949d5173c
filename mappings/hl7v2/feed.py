"""What is to be known of one sender beyond what its messages say."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from .codesystems import LocalCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A sender's profile; the default suits a hospital in China that follows the standard's tables.

    `zone`: of times written without an offset. `facility`: its facility code, where MSH-4 is empty or not
    that. `codes`: its local codes of AdministrativeSex, PatientClass, AdmitSource and DischargeDisposition, for
    instance `{"PatientClass": {"H": "I"}}`.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    facility: str = ""
    codes: LocalCodes = field(default_factory=dict)
