"""Whether a narrative is the safe XHTML that FHIR allows: rules txt-1 and txt-2. https://hl7.org/fhir/R4/narrative.html"""

from xml.parsers.expat import ExpatError, ParserCreate

_XHTML = "http://www.w3.org/1999/xhtml"
_ELEMENTS = """
a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol
p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var
"""
_ATTRIBUTES = """
abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite
class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan
rules scope shape span src start style summary tabindex title type valign value vspace width
http://www.w3.org/XML/1998/namespace|lang http://www.w3.org/XML/1998/namespace|space
"""
_elements, _attributes = frozenset(_ELEMENTS.split()), frozenset(_ATTRIBUTES.split())
_SCRIPTS = ("javascript:", "vbscript:", "data:text")


class _RefusedError(Exception):
    """Raised inside the parser to stop it."""


class _Narrative:
    """What the parser has seen: where it is, and whether there is anything to read."""

    def __init__(self) -> None:
        self.depth = 0
        self.has_content = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition("|")
        if namespace != _XHTML or tag not in _elements or (self.depth == 0 and tag != "div"):
            raise _RefusedError
        if not attributes.keys() <= _attributes or any(map(_is_script, attributes.values())):
            raise _RefusedError
        self.depth += 1
        self.has_content = self.has_content or tag == "img"

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, data: str) -> None:
        self.has_content = self.has_content or not data.isspace()


def _is_script(value: str) -> bool:
    """Browsers skip white space and control characters inside the name of a scheme."""
    return "".join(filter(str.isprintable, value)).replace(" ", "").lower().startswith(_SCRIPTS)


def _refuse(*_: object) -> None:
    raise _RefusedError


def is_narrative(text: str) -> bool:
    """True for one well-formed `<div>` with something in it. A DOCTYPE is refused, so entities cannot be declared."""
    narrative = _Narrative()
    parser = ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    parser.StartElementHandler = narrative.start
    parser.EndElementHandler = narrative.end
    parser.CharacterDataHandler = narrative.text
    try:
        parser.Parse(text, True)  # noqa: FBT003 (positional-only)
    except (_RefusedError, ExpatError, UnicodeEncodeError):
        return False
    return narrative.has_content
