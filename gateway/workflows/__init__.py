"""What family-doctor contracts mean: the rules that follow from a write, whichever door it came through."""

from gateway.work import Rulebook
from gateway.workflows import contracts, encounters, persons, timers

RULEBOOK = Rulebook(
    rules={
        "EpisodeOfCare": (contracts.activation,),
        "Encounter": (encounters.contracted_stay, timers.fulfilled_by_visits),
        "Communication": (timers.fulfilled_by_contacts,),
    },
    claims={
        "Patient": persons.claims,
        "EpisodeOfCare": contracts.claims,
        "Encounter": encounters.claims,
    },
)
"""Resource type → what happens when one is written, and what at most one may hold."""
