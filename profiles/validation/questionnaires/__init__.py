"""What is wrong with the answers to a questionnaire. https://hl7.org/fhir/R4/questionnaireresponse.html#notes"""

from collections.abc import Iterator
from typing import Any

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.terminology import Terminology
from profiles.validation.questionnaires.form import ROOT, form
from profiles.validation.questionnaires.items import level
from profiles.validation.questionnaires.values import Value, order
from profiles.validation.wordings_answers import found

__all__ = ["issues"]


def issues(response: Resource, questionnaire: Resource, terminology: Terminology) -> list[Issue]:
    """Every fault of a QuestionnaireResponse against the Questionnaire that it answers. Raises nothing.

    What is still missing is a warning until the response is completed. A value set that is not here is a warning.
    """
    asked = form(response, questionnaire, terminology)
    return [*_period(response, questionnaire), *level(questionnaire, response, (ROOT,), asked)]


def _period(response: Resource, questionnaire: Resource) -> Iterator[Issue]:
    period: Any = questionnaire.get("effectivePeriod")
    if not isinstance(period, dict) or "authored" not in response:
        return
    authored = Value("dateTime", response["authored"])
    early = order(authored, Value("dateTime", period.get("start"))) == -1
    if early or order(authored, Value("dateTime", period.get("end"))) == 1:
        yield found("FD-ANSWER-PERIOD", f"{ROOT}.authored")
