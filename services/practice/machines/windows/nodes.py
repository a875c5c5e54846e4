"""What a script of the small PowerShell does: each piece of it as a function of the running session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from services.practice.machines.windows.values import (
    PowerShellError,
    Thing,
    items,
    number,
    single,
    text,
    truth,
)

if TYPE_CHECKING:
    from services.practice.machines.windows.powershell import Session

Node = Callable[["Session"], Any]


class Target:
    """A node that can be assigned to."""

    def __init__(self, read: Node, write: Callable[[Session, Any], None]) -> None:
        self._read = read
        self.write = write

    def __call__(self, session: Session) -> Any:
        return self._read(session)


ROUNDS = 100_000


class Array(list[Any]):
    """What @( ) gives."""


def constant(value: Any) -> Node:
    """A fixed value; script blocks are values too."""
    return lambda _session: value


def block(found: list[Node]) -> Node:
    """Statements one after the other; gives everything they output."""

    def run(session: Session) -> list[Any]:
        output: list[Any] = []
        for statement in found:
            output += session.guarded(statement)
        return output

    return run


def grouped(body: Node) -> Node:
    """Statements in parentheses: nothing, one value, or a list. Errors are not guarded one by one."""
    return lambda session: single(items(body(session)))


def as_list(body: Node) -> Node:
    """@( ): always a list, also where it is assigned."""
    return lambda session: Array(items(body(session)))


def loop(name: str, over: Node, body: Node) -> Node:
    """foreach."""

    def run(session: Session) -> list[Any]:
        output: list[Any] = []
        for value in items(single(items(over(session)))):
            session.variables[name.lower()] = value
            output += items(body(session))
        return output

    return run


def repeat(test: Node, body: Node) -> Node:
    """while, up to a number of rounds: one script must not hold up all machines."""

    def run(session: Session) -> list[Any]:
        output: list[Any] = []
        for _round in range(ROUNDS):
            if not truth(single(items(test(session)))):
                return output
            output += items(body(session))
        raise PowerShellError("The pipeline has been stopped.")

    return run


def choice(test: Node, then: Node, other: Node | None) -> Node:
    """if and else."""

    def run(session: Session) -> Any:
        if truth(single(items(test(session)))):
            return then(session)
        return other(session) if other else None

    return run


def trial(body: Node, caught: Node | None, last: Node | None) -> Node:
    """try, catch and finally."""

    def run(session: Session) -> list[Any]:
        output: list[Any] = []
        try:
            with session.stopping():
                output += items(body(session))
        except PowerShellError as error:
            if caught is None:
                raise
            message = str(error)
            session.variables["_"] = Thing(
                {"Exception": Thing({"Message": message, **error.facts})}, {"tostring": lambda: message}
            )
            output += items(caught(session))
        finally:
            if last is not None:
                output += items(last(session))
        return output

    return run


def assign(target: Node, value: Node, adding: bool) -> Node:
    """Assignment; gives nothing."""

    def run(session: Session) -> None:
        from services.practice.machines.windows.operators import plus

        found = value(session)
        given = list(found) if isinstance(found, Array) else single(items(found))
        if not isinstance(target, Target):
            raise PowerShellError("The assignment expression is not valid.")
        target.write(session, plus(target(session), given) if adding else given)

    return run


def pipeline(stages: list[Node]) -> Node:
    """Stages; each takes what the one before gave."""

    def run(session: Session) -> Any:
        value: Any = None
        for position, stage in enumerate(stages):
            session.piped = items(value) if position else None
            value = stage(session)
        return value

    return run


def call_command(name: Node, plain: list[Node], named: dict[str, Node]) -> Node:
    """A command with its arguments."""

    def run(session: Session) -> Any:
        piped, session.piped = session.piped, None
        arguments = [node(session) for node in plain]
        options = {key: node(session) for key, node in named.items()}
        return session.command(text(name(session)), arguments, options, piped)

    return run


def array(found: list[Node]) -> Node:
    """A list of values."""
    return lambda session: [node(session) for node in found]


def binary(operator: Callable[[Any, Any], Any], left: Node, right: Node) -> Node:
    """An operator with two sides."""
    return lambda session: operator(left(session), right(session))


def negation(node: Node) -> Node:
    """-not."""
    return lambda session: not truth(node(session))


def joined(parts: list[Node]) -> Node:
    """A string in double quotes."""
    return lambda session: "".join(text(part(session)) for part in parts)


def variable(name: str, environment: bool) -> Node:
    """A variable, or one of the environment."""
    key = name.lower()
    if environment:
        return lambda session: session.environment.get(key)

    def write(session: Session, value: Any) -> None:
        session.variables[key] = value

    return Target(lambda session: session.variables.get(key), write)


def member(node: Node, name: str) -> Node:
    """A property; of a list, that of its items (PowerShell 3 and later)."""

    def read(session: Session) -> Any:
        return session.property(node(session), name)

    def write(session: Session, value: Any) -> None:
        thing = node(session)
        if not isinstance(thing, Thing):
            raise PowerShellError(f"Property '{name}' cannot be found on this object.")
        thing.set(name, value)

    return Target(read, write)


def method(node: Node, name: str, arguments: list[Node]) -> Node:
    """A method call."""
    return lambda session: session.invoke(node(session), name, [item(session) for item in arguments])


def index(node: Node, place: Node) -> Node:
    """An item of a list, by number."""

    def run(session: Session) -> Any:
        found = items(node(session)) if not isinstance(node(session), str) else list(node(session))
        position = int(number(place(session)))
        return found[position] if -len(found) <= position < len(found) else None

    return run


def cast(name: str, node: Node) -> Node:
    """A cast; to void it throws the value away."""

    def run(session: Session) -> Any:
        value = node(session)
        kind = name.lower().removeprefix("system.")
        if kind == "void":
            return None
        if kind in ("int", "int32", "int64", "long", "uint32", "uint64"):
            return round(number(value or 0))
        if kind in ("double", "decimal", "single"):
            return float(number(value or 0))
        if kind in ("string", "bool"):
            return text(value) if kind == "string" else truth(value)
        return session.converted(name, value)

    return run


def static_member(name: str, field: str) -> Node:
    """A static property of a type."""
    return Target(
        lambda session: session.static(name, field, None),
        lambda session, value: session.static_set(name, field, value),
    )


def static_call(name: str, field: str, arguments: list[Node]) -> Node:
    """A static method of a type."""
    return lambda session: session.static(name, field, [item(session) for item in arguments])
