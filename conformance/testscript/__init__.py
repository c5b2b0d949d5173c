"""TestScript resources that others wrote, run against any server. https://hl7.org/fhir/R4/testscript.html"""

from conformance.testscript.errors import ScriptError
from conformance.testscript.run import run
from conformance.testscript.script import load
from conformance.testscript.state import Send
from conformance.testscript.suite import suite

__all__ = ["ScriptError", "Send", "load", "run", "suite"]
