"""What family-doctor contracts mean: the rules that follow from a write, whichever door it came through."""

from gateway.work import Rulebook
from gateway.workflows import activation, agreements, contracts, encounters, fulfilment, persons, visits

RULEBOOK = Rulebook(
    rules={
        "EpisodeOfCare": (activation.activation,),
        "Consent": (agreements.withdrawal,),
        "Encounter": (encounters.contracted_stay, fulfilment.by_visits),
        "Communication": (fulfilment.by_contacts,),
    },
    claims={
        "Patient": persons.claims,
        "EpisodeOfCare": contracts.claims,
        "Encounter": visits.claims,
    },
)
"""Resource type → what happens when one is written, and what at most one may hold."""
