"""Plays the story: each message over MLLP, and on to the next when its effect can be seen over FHIR."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from conformance.story import facts, server
from conformance.story.mllp import Ack, Line
from conformance.story.steps import Step
from profiles.http import AsyncClient

_PATIENCE, _NONE_LEFT = 30.0, 1.0
"""Seconds to wait for an effect; after one that stayed away, the others are not waited for as long."""


@dataclass(frozen=True, slots=True)
class Played:
    step: Step
    ack: Ack


async def play(line: Line, http: AsyncClient, steps: Sequence[Step], told: Callable[[Played], None]) -> list[Played]:
    """Sends every message in order; `told` hears of each as it is answered."""
    played = []
    patience = _PATIENCE
    for step in steps:
        played.append(Played(step, await line.exchange(step.payload, step.charset)))
        told(played[-1])
        if not await server.until(partial(facts.seen, http, step), patience):
            patience = _NONE_LEFT
    return played
