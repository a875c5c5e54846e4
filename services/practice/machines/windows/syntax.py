"""The grammar of the small PowerShell: a script becomes a function that runs it.

Understood: statements, assignments, pipelines, commands with parameters, if, foreach, while, try, expressions with
casts, members, static members and calls, strings with expansion. Anything else is a parse error, so that no
script is taken for something it does not say.
"""

from __future__ import annotations

import re
from typing import Any

from services.practice.machines.windows import nodes
from services.practice.machines.windows.nodes import Node
from services.practice.machines.windows.operators import ARITHMETIC, COMPARISONS, FORMAT, LOGIC
from services.practice.machines.windows.reader import (
    ANY_SPACE,
    BARE,
    COMMAND,
    NUMBER,
    OPERATOR,
    PARAMETER,
    TYPE,
    VARIABLE,
    Reader,
)


class Parser(Reader):
    """A recursive descent over the script's text."""

    def script(self) -> Node:
        """The whole script."""
        body = self.statements("")
        if self.at < len(self.source):
            raise self.error()
        return body

    def statements(self, end: str) -> Node:
        found: list[Node] = []
        while True:
            self.skip(re.compile(r"(?:\s|;|`\r?\n|#[^\n]*)*"))
            if self.at >= len(self.source) or (end and self.source.startswith(end, self.at)):
                return nodes.block(found)
            found.append(self.statement())
            self.skip()
            if self.at < len(self.source) and self.source[self.at] not in ";\n})":
                raise self.error()

    def braces(self) -> Node:
        self.need("{")
        body = self.statements("}")
        self.need("}")
        return body

    def statement(self) -> Node:
        if self.word("if"):
            return self.condition()
        if self.word("foreach(?=\\s*\\()"):
            self.need("(")
            self.skip(ANY_SPACE)
            variable = self.match(VARIABLE)
            if variable is None or not self.word("in"):
                raise self.error()
            over = self.statement()
            self.need(")")
            return nodes.loop(variable[2], over, self.braces())
        if self.word("while"):
            self.need("(")
            test = self.statement()
            self.need(")")
            return nodes.repeat(test, self.braces())
        if self.word("try"):
            return self.trial()
        return self.assignment()

    def condition(self) -> Node:
        self.need("(")
        test = self.statement()
        self.need(")")
        then, other = self.braces(), None
        if self.word("elseif"):
            other = self.condition()
        elif self.word("else"):
            other = self.braces()
        return nodes.choice(test, then, other)

    def trial(self) -> Node:
        body, caught, last = self.braces(), None, None
        if self.word("catch"):
            caught = self.braces()
        if self.word("finally"):
            last = self.braces()
        return nodes.trial(body, caught, last)

    def assignment(self) -> Node:
        start = self.at
        if self.source[self.at : self.at + 1] in ("$", "["):
            target = self.postfix(self.cast_free())
            self.skip()
            found = self.match(re.compile(r"(\+?)=(?!=)"))
            if found:
                self.skip(ANY_SPACE)
                return nodes.assign(target, self.statement(), bool(found[1]))
            self.at = start
        return self.pipeline()

    def cast_free(self) -> Node:
        return self.primary()

    def pipeline(self) -> Node:
        stages = [self.stage()]
        while self.take("|"):
            self.skip(ANY_SPACE)
            stages.append(self.stage())
        return nodes.pipeline(stages)

    def stage(self) -> Node:
        self.skip()
        if self.take("& "):
            name: Any = self.postfix(self.primary())
            return nodes.call_command(name, *self.arguments())
        found = self.match(COMMAND)
        if found:
            alias = {"?": "Where-Object", "%": "ForEach-Object"}.get(found[0], found[0])
            return nodes.call_command(nodes.constant(alias), *self.arguments())
        return self.expression()

    def arguments(self) -> tuple[list[Node], dict[str, Node]]:
        plain: list[Node] = []
        named: dict[str, Node] = {}
        while True:
            self.skip()
            if self.at >= len(self.source) or self.source[self.at] in ";|)}\n":
                return plain, named
            if self.match(re.compile(r"[12]?>\s*(?:\$null|&1)")):
                continue
            found = self.match(PARAMETER)
            if not found:
                plain.append(self.argument_list())
                continue
            self.skip()
            following = self.source[self.at : self.at + 1]
            switch = following in ("", ";", "|", ")", "}", "\n") or PARAMETER.match(self.source, self.at)
            named[found[1].lower()] = (
                nodes.constant(True) if switch and not found[2] else self.argument_list()
            )

    def argument_list(self) -> Node:
        found = [self.argument()]
        while self.take(","):
            self.skip()
            found.append(self.argument())
        return found[0] if len(found) == 1 else nodes.array(found)

    def argument(self) -> Node:
        sign = self.source[self.at : self.at + 1]
        if sign == "{":
            return nodes.constant(self.braces())
        if sign and sign in "$('\"@":
            return self.postfix(self.primary())
        found = self.match(BARE)
        if not found:
            raise self.error()
        whole = NUMBER.fullmatch(found[0])
        return nodes.constant(int(found[0], 0) if whole and "." not in found[0] else found[0])

    def expression(self) -> Node:
        left = self.comparison()
        while (name := self.operator(LOGIC)) is not None:
            left = nodes.binary(LOGIC[name], left, self.comparison())
        return left

    def comparison(self) -> Node:
        left = self.sum()
        while (name := self.operator(COMPARISONS)) is not None:
            left = nodes.binary(COMPARISONS[name], left, self.sum())
        return left

    def operator(self, table: dict[str, Any]) -> str | None:
        self.skip()
        found = OPERATOR.match(self.source, self.at)
        name = found[1].lower().removeprefix("c") if found else ""
        name = name if name in table else (found[1].lower() if found else "")
        if found is None or name not in table:
            return None
        self.at = found.end()
        self.skip(ANY_SPACE)
        return name

    def sum(self) -> Node:
        left = self.product()
        while True:
            self.skip()
            sign = self.source[self.at : self.at + 1]
            if sign not in ("+", "-") or OPERATOR.match(self.source, self.at):
                return left
            self.at += 1
            self.skip(ANY_SPACE)
            left = nodes.binary(ARITHMETIC[sign], left, self.product())

    def product(self) -> Node:
        left = self.formatted()
        while True:
            self.skip()
            sign = self.source[self.at : self.at + 1]
            if sign not in ("*", "/", "%") or not sign:
                return left
            self.at += 1
            self.skip(ANY_SPACE)
            left = nodes.binary(ARITHMETIC[sign], left, self.formatted())

    def formatted(self) -> Node:
        left = self.commas()
        self.skip()
        if self.match(re.compile(r"-f\b", re.I)):
            self.skip(ANY_SPACE)
            return nodes.binary(FORMAT, left, self.commas())
        return left

    def commas(self) -> Node:
        found = [self.unary()]
        while self.take(","):
            self.skip(ANY_SPACE)
            found.append(self.unary())
        return found[0] if len(found) == 1 else nodes.array(found)

    def unary(self) -> Node:
        self.skip()
        if self.match(re.compile(r"-not\b\s*|!\s*", re.I)):
            return nodes.negation(self.unary())
        if self.take("-"):
            return nodes.binary(ARITHMETIC["-"], nodes.constant(0), self.unary())
        found = TYPE.match(self.source, self.at)
        if found and not self.source.startswith("::", found.end()):
            self.at = found.end()
            self.skip()
            return nodes.cast(found[1], self.unary())
        return self.postfix(self.primary())

    def postfix(self, left: Node) -> Node:
        while True:
            if self.match(re.compile(r"\.(?=[A-Za-z_])")):
                name = self.match(re.compile(r"\w+"))
                assert name is not None
                if self.source.startswith("(", self.at):
                    left = nodes.method(left, name[0], self.call_arguments())
                else:
                    left = nodes.member(left, name[0])
            elif self.source.startswith("[", self.at):
                self.at += 1
                left = nodes.index(left, self.expression())
                self.need("]")
            else:
                return left

    def call_arguments(self) -> list[Node]:
        self.need("(")
        found: list[Node] = []
        self.skip(ANY_SPACE)
        while not self.take(")"):
            found.append(self.single_argument())
            self.skip(ANY_SPACE)
            self.take(",")
            self.skip(ANY_SPACE)
        return found

    def single_argument(self) -> Node:
        left = self.unary()
        while True:
            self.skip()
            sign = self.source[self.at : self.at + 1]
            if sign not in ("+", "-", "*", "/") or not sign:
                return left
            self.at += 1
            left = nodes.binary(ARITHMETIC[sign], left, self.unary())

    def primary(self) -> Node:
        from services.practice.machines.windows.literals import literal

        self.skip()
        found = literal(self)
        if found is None:
            raise self.error()
        return found
