"""The grammar of a small POSIX shell: lists of pipelines of simple commands, with their words raw."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

OPERATORS = ("&&", "||", ";", "|", "\n")
REDIRECTION = re.compile(r"(\d?)(>>|<>|>|<)(&\d)?")


@dataclass
class Redirection:
    """`stream` 0, 1 or 2; `how` is `<`, `>` or `>>`; `target` a raw word, or `&1` and the like."""

    stream: int
    how: str
    target: str


@dataclass
class Simple:
    """One command before expansion."""

    words: list[str] = field(default_factory=list)
    redirections: list[Redirection] = field(default_factory=list)


def lists(line: str) -> Iterator[tuple[str, list[Simple]]]:
    """The pipelines of a line, each with the operator before it. ValueError says what the grammar does not allow."""
    operator, pipeline, simple = ";", [Simple()], None
    tokens = list(_tokens(line))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        simple = pipeline[-1]
        index += 1
        if token == "|":
            pipeline.append(Simple())
        elif token in OPERATORS:
            if simple.words or simple.redirections:
                yield operator, pipeline
            operator, pipeline = (";" if token == "\n" else token), [Simple()]
        elif found := REDIRECTION.fullmatch(token):
            stream = int(found[1]) if found[1] else (0 if found[2] == "<" else 1)
            target = found[3] or (tokens[index] if index < len(tokens) else "")
            index += 0 if found[3] else 1
            simple.redirections.append(Redirection(stream, found[2], target))
        else:
            simple.words.append(token)
    if pipeline[-1].words or pipeline[-1].redirections:
        yield operator, pipeline


def _tokens(line: str) -> Iterator[str]:
    position = 0
    while position < len(line):
        if line[position] in " \t":
            position += 1
            continue
        operator = next((sign for sign in OPERATORS if line.startswith(sign, position)), None)
        if operator:
            yield operator
            position += len(operator)
        elif found := REDIRECTION.match(line, position):
            yield found[0]
            position = found.end()
        elif line[position] in "(){}&`":
            raise ValueError(f"unexpected token `{line[position]}'")
        else:
            end = _word_end(line, position)
            yield line[position:end]
            position = end


def _word_end(line: str, position: int) -> int:
    while position < len(line):
        character = line[position]
        if character in " \t\n;|&<>":
            break
        if character == "'":
            position = _index(line, "'", position + 1)
        elif character == '"':
            position = quote_end(line, position)
        elif line.startswith("$(", position):
            position = parenthesis_end(line, position + 1)
        elif character == "\\":
            position += 1
        position += 1
    return position


def quote_end(text: str, position: int) -> int:
    """Where the double quotes end that begin at `position`. ValueError where they do not."""
    position += 1
    while position < len(text) and text[position] != '"':
        if text.startswith("$(", position):
            position = parenthesis_end(text, position + 1)
        position += 2 if text[position] == "\\" else 1
    if position >= len(text):
        raise ValueError("unexpected EOF while looking for matching `\"'")
    return position


def parenthesis_end(text: str, position: int) -> int:
    """Where the parenthesis ends that begins at `position`. ValueError where it does not."""
    depth = 0
    while position < len(text):
        if text[position] == "'":
            position = _index(text, "'", position + 1)
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
        position += 1
    raise ValueError("unexpected EOF while looking for matching `)'")


def _index(text: str, sign: str, position: int) -> int:
    found = text.find(sign, position)
    if found < 0:
        raise ValueError(f"unexpected EOF while looking for matching `{sign}'")
    return found
