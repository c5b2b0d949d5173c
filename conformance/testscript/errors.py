"""What keeps a script, an action or an assertion from being run. https://hl7.org/fhir/R4/testscript.html"""


class ScriptError(ValueError):
    """The script cannot be run at all."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh, self.en = zh, en


class Undone(Exception):
    """An action could not be carried out, or asks for what is not supported: its result is `error`."""


class Unmet(Exception):
    """An assertion was evaluated and does not hold: its result is `fail`, or `warning` where it says so."""
