"""An invented province: where the person of a number lives, in codes that GB/T 2260 assigns to no place.

50 000 people in a district (`990101`…), 5 000 in a street or township, 1 000 in a community.
"""

from dataclasses import dataclass
from functools import lru_cache

PROVINCE = "示例省"
DISTRICT, STREET, COMMUNITY = 50_000, 5_000, 1_000
"""People in each."""
_DISTRICTS = 20
"""In a city."""
MOST = 99 * _DISTRICTS * DISTRICT
"""People for whom there is place."""

_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Place:
    """A community, by its place among all; numbers within the place above it count from 1."""

    number: int
    city: int
    district: int
    street: int
    community: int

    @property
    def code(self) -> str:
        """The six digits of the district."""
        return f"99{self.city:02}{self.district:02}"

    @property
    def district_number(self) -> int:
        """The place of the district among all, counted from 0."""
        return self.number // (DISTRICT // COMMUNITY)

    @property
    def village(self) -> str:
        """Twelve digits: the district, the street or township, the community. They end its ids."""
        return f"{self.code}{self.street:03}{self.community:03}"

    @property
    def district_name(self) -> str:
        return f"虚构{numeral(self.district)}区"

    @property
    def city_name(self) -> str:
        return f"示例{numeral(self.city)}市"

    @property
    def rural(self) -> bool:
        return self.street > 6

    @property
    def street_name(self) -> str:
        return f"样本{numeral(self.street)}{'镇' if self.rural else '街道'}"

    @property
    def community_name(self) -> str:
        return f"{'甲乙丙丁戊'[self.community - 1]}{'村' if self.rural else '社区'}"

    @property
    def centre(self) -> str:
        return f"Organization/centre-{self.code}{self.street:03}"

    @property
    def centre_name(self) -> str:
        return f"{self.street_name}{'卫生院' if self.rural else '社区卫生服务中心'}"

    @property
    def hospital(self) -> str:
        return f"Organization/hospital-{self.code}"

    @property
    def team(self) -> str:
        return f"CareTeam/team-{self.village}"

    @property
    def doctor(self) -> str:
        """The family doctor's role."""
        return f"PractitionerRole/doctor-{self.village}"

    @property
    def practitioner(self) -> str:
        """The family doctor in person."""
        return f"Practitioner/doctor-{self.village}"

    @property
    def nurse(self) -> str:
        return f"PractitionerRole/nurse-{self.village}"


@lru_cache(maxsize=16)
def place(number: int) -> Place:
    """The community of that number, counted from 0."""
    street, community = divmod(number, STREET // COMMUNITY)
    district, street = divmod(street, DISTRICT // STREET)
    city, district = divmod(district, _DISTRICTS)
    return Place(number, city + 1, district + 1, street + 1, community + 1)


def numeral(number: int) -> str:
    """1…99 in Chinese: 一, 十, 十二, 二十, 二十一."""
    tens, units = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[units] if units else "")
