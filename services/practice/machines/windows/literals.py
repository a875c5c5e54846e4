"""Literals of the small PowerShell: strings, numbers, variables, types, parentheses."""

from __future__ import annotations

import re

from services.practice.machines.windows import nodes
from services.practice.machines.windows.nodes import Node
from services.practice.machines.windows.reader import ANY_SPACE, NUMBER, TYPE, UNITS, VARIABLE
from services.practice.machines.windows.syntax import Parser

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def literal(parser: Parser) -> Node | None:
    """The literal that comes next, or None."""
    sign = parser.source[parser.at : parser.at + 1]
    if sign == "'":
        return nodes.constant(_single(parser))
    if sign == '"':
        return _double(parser)
    if parser.take("$("):
        return _group(parser, ")")
    if parser.take("@("):
        return nodes.as_list(_group(parser, ")"))
    if sign == "(":
        parser.take("(")
        return _group(parser, ")")
    if (found := parser.match(VARIABLE)) is not None:
        return nodes.variable(found[2] or found[3], bool(found[1]))
    if (found := parser.match(TYPE)) is not None:
        return _static(parser, found[1])
    if (found := parser.match(NUMBER)) is not None:
        return nodes.constant(_number(parser, found[0]))
    return None


def _number(parser: Parser, digits: str) -> int | float:
    value = float(digits) if "." in digits else int(digits, 0)
    unit = parser.match(re.compile("[kmgt]b", re.I))
    return value * UNITS[unit[0].lower()] if unit else value


def _group(parser: Parser, end: str) -> Node:
    body = parser.statements(end)
    parser.need(end)
    return nodes.grouped(body)


def _static(parser: Parser, name: str) -> Node:
    if not parser.source.startswith("::", parser.at):
        parser.skip(ANY_SPACE)
        return nodes.cast(name, parser.unary())
    parser.at += 2
    member = parser.match(re.compile(r"\w+"))
    if member is None:
        raise parser.error()
    if parser.source.startswith("(", parser.at):
        return nodes.static_call(name, member[0], parser.call_arguments())
    return nodes.static_member(name, member[0])


def _single(parser: Parser) -> str:
    found = parser.match(re.compile(r"'((?:[^']|'')*)'"))
    if found is None:
        raise parser.error()
    return found[1].replace("''", "'")


def _double(parser: Parser) -> Node:
    parser.at += 1
    parts: list[Node] = []
    while not parser.source.startswith('"', parser.at):
        if parser.at >= len(parser.source):
            raise parser.error()
        if parser.source.startswith("`", parser.at):
            sign = parser.source[parser.at + 1 : parser.at + 2]
            parts.append(nodes.constant(ESCAPES.get(sign, sign)))
            parser.at += 2
        elif parser.source.startswith("$(", parser.at):
            parser.at += 2
            parts.append(_group(parser, ")"))
        elif (found := parser.match(VARIABLE)) is not None:
            parts.append(nodes.variable(found[2] or found[3], bool(found[1])))
        else:
            plain = parser.match(re.compile(r'[^"`$]+|\$'))
            assert plain is not None
            parts.append(nodes.constant(plain[0]))
    parser.at += 1
    return nodes.joined(parts)
