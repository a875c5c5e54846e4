"""Values of the small PowerShell, and how they turn into text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any


class PowerShellError(Exception):
    """An error a script can catch; the message is what PowerShell would print.

    `facts` are further properties of its Exception.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.facts: dict[str, Any] = {}


class Thing:
    """An object with properties and methods, both found without regard to case."""

    def __init__(
        self,
        properties: Mapping[str, Any],
        methods: Mapping[str, Callable[..., Any]] | None = None,
        kind: str = "PSCustomObject",
    ) -> None:
        self.kind = kind
        self.properties = dict(properties)
        self.methods = {name.lower(): method for name, method in (methods or {}).items()}
        self.changed: Callable[[str, Any], None] = lambda _name, _value: None

    def get(self, name: str) -> Any:
        """A property; None when there is none, as in PowerShell."""
        found = next((key for key in self.properties if key.lower() == name.lower()), None)
        return None if found is None else self.properties[found]

    def set(self, name: str, value: Any) -> None:
        """Set a property."""
        found = next((key for key in self.properties if key.lower() == name.lower()), None)
        if found is None:
            raise PowerShellError(f"Property '{name}' cannot be found on this object.")
        self.properties[found] = value
        self.changed(found.lower(), value)


def text(value: Any) -> str:
    """A value as a string, as an expansion in double quotes gives it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime):
        return value.strftime("%m/%d/%Y %H:%M:%S")
    if isinstance(value, list | bytes | bytearray):
        return " ".join(text(item) for item in value)
    if isinstance(value, Thing):
        shown = value.methods.get("tostring")
        return str(shown()) if shown else value.kind
    return str(value)


def lines(value: Any) -> list[str]:
    """A value as the lines that end up on the console."""
    if isinstance(value, Thing) and "tostring" not in value.methods:
        return ["", *listed(value), ""]
    if isinstance(value, datetime):
        return [value.strftime("%A, %B %d, %Y %I:%M:%S %p")]
    return text(value).split("\n")


def listed(value: Thing) -> list[str]:
    """An object as Format-List shows it."""
    width = max((len(name) for name in value.properties), default=0)
    return [f"{name.ljust(width)} : {text(item)}" for name, item in value.properties.items()]


def truth(value: Any) -> bool:
    """Whether PowerShell takes a value for true."""
    if isinstance(value, list):
        return len(value) > 1 or (len(value) == 1 and truth(value[0]))
    return bool(value) or isinstance(value, Thing | bytearray)


def items(value: Any) -> list[Any]:
    """A value as what a pipeline passes on: a list one by one, null not at all."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def single(values: list[Any]) -> Any:
    """What a variable takes from a pipeline: nothing, one value, or a list."""
    return None if not values else values[0] if len(values) == 1 else values


def number(value: Any) -> float | int:
    """A value as a number."""
    if isinstance(value, bool | int | float):
        return value
    try:
        return int(text(value), 0) if "." not in text(value) else float(text(value))
    except ValueError:
        raise PowerShellError(f'Cannot convert value "{text(value)}" to type "System.Int32".') from None
