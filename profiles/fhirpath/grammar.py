"""FHIRPath read into a tree: the only module that imports fhirpathpy, of which the grammar is used and not the engine.

The engine of fhirpathpy 2.2.4 takes false for true in `where()`, keeps its clock and its types in globals that threads
share, prints when it traces, and lacks `hasValue`, `memberOf`, `resolve` and `conformsTo`. https://hl7.org/fhirpath/N1/
"""

from functools import lru_cache
from itertools import pairwise
from typing import Any

LONGEST = 20_000

Tree = dict[str, Any]
"""A node of the parse tree that fhirpathpy makes: `type`, `children`, `text`, `terminalNodeText`."""


class NotFhirPathError(ValueError):
    """A text that is no FHIRPath expression, or longer than anybody writes one."""


class _Listener:
    """Hears of characters that belong nowhere, which the lexer leaves out."""

    def __init__(self) -> None:
        self.heard = False

    def syntaxError(self, *_: object) -> None:  # noqa: N802 - antlr4 calls it so
        self.heard = True


@lru_cache(maxsize=256)
def parsed(expression: str) -> Tree:
    """The `parse` of fhirpathpy mends what it cannot read, into what was perhaps not meant; here that raises
    `NotFhirPathError`. The tree is shared and not to be changed.
    """
    import fhirpathpy.parser  # a quarter of a second, and most processes read no expression

    grammar: Any = fhirpathpy.parser  # generated code, without types
    listener, nodes = _Listener(), grammar.ASTPathListener()
    lexer = grammar.FHIRPathLexer(grammar.InputStream(expression[: LONGEST + 1]))
    lexer.removeErrorListeners()
    lexer.addErrorListener(listener)
    tokens = grammar.CommonTokenStream(lexer)
    _unreserve(tokens, grammar)
    parser = grammar.FHIRPathParser(tokens)
    parser.removeErrorListeners()
    tree = parser.expression()
    good = tokens.LA(1) == grammar.Token.EOF and not parser.getNumberOfSyntaxErrors() and not listener.heard
    if not good or len(expression) > LONGEST:
        raise NotFhirPathError
    grammar.ParseTreeWalker().walk(nodes, tree)
    found: Tree = nodes.parentStack[0]["children"][0]
    return found


def _unreserve(tokens: Any, grammar: Any) -> None:  # noqa: ANN401 - generated code, without types
    """After a dot a word is a name, whatever else it may be: HL7's own cases write `Patient.text.div`."""
    tokens.fill()
    spoken = [token for token in tokens.tokens if token.channel == grammar.Token.DEFAULT_CHANNEL]
    for before, token in pairwise(spoken):
        if before.text == "." and token.text.isidentifier():
            token.type = grammar.FHIRPathLexer.IDENTIFIER


def name_of(identifier: Tree) -> str:
    return str(identifier["text"]).replace("`", "")
