"""FHIRPath read into a tree, by the precedence of its operators. https://hl7.org/fhirpath/N1/#grammar

The nodes are those of the grammar that HL7 publishes for ANTLR, whose parser in Python takes a millisecond for each
operator: strangers' expressions are read here too.
"""

from typing import Any

from profiles.fhirpath.tokens import NotFhirPathError, Token, tokens

LONGEST = 20_000
LONGEST_TEXT = 200
"""Of the texts that nodes keep of what is below them: enough for the name of a type."""

Tree = dict[str, Any]
"""A node: its `type`, `children` where there are any, the marks and words of its own under `terminalNodeText`, and
`text` where it may be a name or a literal.
"""

_OPERATORS = {
    "*": (10, "Multiplicative"),
    "/": (10, "Multiplicative"),
    "div": (10, "Multiplicative"),
    "mod": (10, "Multiplicative"),
    "+": (9, "Additive"),
    "-": (9, "Additive"),
    "&": (9, "Additive"),
    "|": (8, "Union"),
    "<=": (7, "Inequality"),
    "<": (7, "Inequality"),
    ">": (7, "Inequality"),
    ">=": (7, "Inequality"),
    "is": (6, "Type"),
    "as": (6, "Type"),
    "=": (5, "Equality"),
    "~": (5, "Equality"),
    "!=": (5, "Equality"),
    "!~": (5, "Equality"),
    "in": (4, "Membership"),
    "contains": (4, "Membership"),
    "and": (3, "And"),
    "or": (2, "Or"),
    "xor": (2, "Or"),
    "implies": (1, "Implies"),
}
"""How tightly each binds, and the name of its node."""
_TIGHTEST = 11
_RESERVED = frozenset({"div", "mod", "and", "or", "xor", "implies", "true", "false"})
"""Words that are names only behind a dot: HL7's own cases write `Patient.text.div`."""
_SCOPE = {"$this": "This", "$index": "Index", "$total": "Total"}
_PRECISIONS = frozenset({"year", "month", "week", "day", "hour", "minute", "second", "millisecond"})


def parsed(expression: str) -> Tree:
    """Raises `NotFhirPathError` for what is no FHIRPath."""
    if len(expression) > LONGEST:
        raise NotFhirPathError
    parser = _Parser(tokens(expression))
    try:
        tree = parser.expression(0)
    except RecursionError:
        raise NotFhirPathError from None
    if parser.next.kind != "end":
        raise NotFhirPathError
    return tree


def name_of(identifier: Tree) -> str:
    return str(identifier["text"]).replace("`", "")


def _node(kind: str, *children: Tree, words: tuple[str, ...] = (), text: str | None = None) -> Tree:
    node: Tree = {"type": kind, "terminalNodeText": list(words)}
    if text is not None and len(text) <= LONGEST_TEXT:
        node["text"] = text
    if children:
        node["children"] = list(children)
    return node


def _text(tree: Tree) -> str:
    """What a node was read from, without white space, as long as it may be the name of a type."""
    text: str = tree.get("text", " " * LONGEST_TEXT)
    return text


class _Parser:
    def __init__(self, read: list[Token]) -> None:
        self._tokens = read
        self._at = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def _taken(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1].text

    def _is_next(self, mark: str) -> bool:
        return self.next == Token("mark", mark)

    def _expect(self, mark: str) -> None:
        if not self._is_next(mark):
            raise NotFhirPathError
        self._at += 1

    # Operators

    def expression(self, least: int) -> Tree:
        """As much as holds together by operators that bind at least so tightly."""
        left = self._signed()
        while self.next.kind in {"mark", "name"} and self.next.text in _OPERATORS:
            tightness, kind = _OPERATORS[self.next.text]
            if tightness < least:
                break
            operator = self._taken()
            right = self._type() if kind == "Type" else self.expression(tightness + 1)
            left = _node(f"{kind}Expression", left, right, words=(operator,))
        return left

    def _signed(self) -> Tree:
        if self._is_next("-") or self._is_next("+"):
            return _node("PolarityExpression", words=(self._taken(),)) | {"children": [self.expression(_TIGHTEST)]}
        left = self._term()
        while True:
            if self._is_next("."):
                self._at += 1
                right = self._invocation(behind_dot=True)
                text = f"{_text(left)}.{_text(right['children'][0])}" if right["type"] == "MemberInvocation" else None
                left = _node("InvocationExpression", left, right, words=(".",), text=text)
            elif self._is_next("["):
                self._at += 1
                left = _node("IndexerExpression", left, self.expression(0), words=("[", "]"))
                self._expect("]")
            else:
                return left

    def _type(self) -> Tree:
        names = [self._name()]
        while self._is_next("."):
            self._at += 1
            names.append(self._name(behind_dot=True))
        qualified = _node("QualifiedIdentifier", *names, words=(".",) * (len(names) - 1))
        return _node("TypeSpecifier", qualified, text=".".join(map(_text, names)))

    # Terms

    def _term(self) -> Tree:
        kind, text = self.next
        if self._is_next("("):
            self._at += 1
            inner = _node("ParenthesizedTerm", self.expression(0), words=("(", ")"))
            self._expect(")")
            return _node("TermExpression", inner)
        if self._is_next("%"):
            return _node("TermExpression", self._constant())
        if kind in {"DateTime", "Time", "String", "Number"} or text in {"true", "false", "{"}:
            literal = self._literal(kind)
            text_of = {"text": literal["text"]} if "text" in literal else {}
            return _node("TermExpression", _node("LiteralTerm", literal) | text_of) | text_of
        found = self._invocation()
        name = _text(found["children"][0]) if found["type"] == "MemberInvocation" else None
        return _node("TermExpression", _node("InvocationTerm", found), text=name)

    def _constant(self) -> Tree:
        self._at += 1
        if self.next.kind == "String":
            return _node("ExternalConstantTerm", _node("ExternalConstant", words=("%", self._taken())))
        return _node("ExternalConstantTerm", _node("ExternalConstant", self._name(), words=("%",)))

    def _invocation(self, *, behind_dot: bool = False) -> Tree:
        if self.next.kind == "mark" and self.next.text in _SCOPE:
            return _node(f"{_SCOPE[self.next.text]}Invocation", words=(self._taken(),))
        name = self._name(behind_dot=behind_dot)
        if not self._is_next("("):
            return _node("MemberInvocation", name)
        self._at += 1
        arguments = self._arguments()
        self._expect(")")
        return _node("FunctionInvocation", _node("Functn", name, *arguments, words=("(", ")")))

    def _arguments(self) -> list[Tree]:
        if self._is_next(")"):
            return []
        found = [self.expression(0)]
        while self._is_next(","):
            self._at += 1
            found.append(self.expression(0))
        return [_node("ParamList", *found, words=(",",) * (len(found) - 1))]

    def _name(self, *, behind_dot: bool = False) -> Tree:
        kind, text = self.next
        if kind != "delimited" and (kind != "name" or (text in _RESERVED and not behind_dot)):
            raise NotFhirPathError
        node = _node("Identifier", words=(text,))
        node["text"] = self._taken()
        return node

    # Literals

    def _literal(self, kind: str) -> Tree:
        text = self._taken()
        if text == "{":
            self._expect("}")
            return _node("NullLiteral", words=("{", "}"), text="{}")
        if kind == "Number" and (unit := self._unit()):
            quantity = _node("Quantity", unit, words=(text,))
            return _node("QuantityLiteral", quantity)
        node = _node("BooleanLiteral" if kind == "name" else f"{kind}Literal", words=(text,))
        return node | {"text": text}

    def _unit(self) -> Tree | None:
        kind, text = self.next
        if kind == "String":
            return _node("Unit", words=(self._taken(),))
        if kind == "name" and text in _PRECISIONS:
            return _node("Unit", _node("DateTimePrecision", words=(self._taken(),)))
        if kind == "name" and text.removesuffix("s") in _PRECISIONS:
            return _node("Unit", _node("PluralDateTimePrecision", words=(self._taken(),)))
        return None
