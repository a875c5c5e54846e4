"""sshd's settings as they hold for root: from `sshd -T` where it can be, else from its files.

sshd_config(5): for each keyword the first value counts; a Match block counts before the part above it; a
file is included where the Include stands. Every setting found in a file keeps its place, for a fix.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

DEPTH = 16
"""Includes within includes that sshd follows."""
_WORDS = re.compile(r'"([^"]*)"|(\S+)')
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*$")
_BARE = re.compile(r"\s*([A-Za-z][A-Za-z0-9]*)\s*$")


@dataclass(frozen=True)
class Setting:
    """One line in force: `name` in lower case, its value, and where it stands (line from 0).

    `match` are the words of the Match block it is in, empty in the part for everybody; `sure` is false when
    the block asks for something that is not known here.
    """

    name: str
    value: str
    path: str
    line: int
    match: str = ""
    sure: bool = True


@dataclass(frozen=True)
class Peer:
    """Who logs in: root from an address, which is empty when it is not known."""

    address: str = ""
    user: str = "root"
    group: str = "root"


def effective(text: str) -> dict[str, list[str]]:
    """What `sshd -T` printed: lower-case keyword to its values; empty when it is no such output."""
    found: dict[str, list[str]] = {}
    for line in text.split("\n"):
        word, blank, value = line.strip().partition(" ")
        if re.fullmatch(r"[a-z][a-z0-9]*", word) and blank:
            found.setdefault(word, []).append(value.strip())
    # An error message has words too, but not these.
    return found if "port" in found and "permitrootlogin" in found else {}


def read(files: Mapping[str, str], start: str, peer: Peer) -> list[Setting]:
    """Every setting that holds for this peer, those that count first at the front.

    `files` are the texts by path, included ones too; an Include is looked up among them.
    """
    walked = list(_walk(files, start, peer, 0, _Block()))
    return [one for one in walked if one.match] + [one for one in walked if not one.match]


def first(settings: Sequence[Setting], name: str) -> Setting | None:
    """The setting of this keyword that counts, or None where sshd's default does."""
    return next((one for one in settings if one.name == name.lower()), None)


def subsystems(settings: Sequence[Setting]) -> dict[str, str]:
    """Subsystems by name: the first line of each counts."""
    found: dict[str, str] = {}
    for one in settings:
        if one.name == "subsystem" and one.value:
            name, *command = one.value.split(None, 1)
            found.setdefault(name, "".join(command))
    return found


def words(text: str) -> list[str]:
    """The words of a value, quotes taken off, up to a comment behind it."""
    found = ((quoted or bare, bare.startswith("#")) for quoted, bare in _WORDS.findall(text))
    return [word for word, _comment in itertools.takewhile(lambda one: not one[1], found)]


def split(line: str) -> tuple[str, str] | None:
    """Keyword in lower case and value of a line; None for a comment, a blank or a broken line."""
    if line.lstrip().startswith("#"):
        return None
    found = _LINE.match(line)
    if found:
        return found[1].lower(), found[2]
    bare = _BARE.match(line)
    return (bare[1].lower(), "") if bare else None


@dataclass
class _Block:
    """The Match block that a line stands in; `holds` is None when that cannot be told."""

    words: str = ""
    holds: bool | None = True


def unread(files: Mapping[str, str], settings: Sequence[Setting], empty: str) -> list[str]:
    """Patterns of Include that name none of these files; `empty` is one of which that is known to be right."""
    named = [(pattern, one.path) for one in settings if one.name == "include" for pattern in words(one.value)]
    return [
        pattern
        for pattern, path in named
        if _whole(pattern, path) != empty and not _globbed(files, pattern, path)
    ]


def _walk(files: Mapping[str, str], path: str, peer: Peer, depth: int, block: _Block) -> Iterator[Setting]:
    # A Match in an included file ends with that file.
    block = _Block(block.words, block.holds)
    outside = block.holds
    for number, line in enumerate(files.get(path, "").split("\n")):
        keyword, value = split(line) or ("", "")
        if keyword == "match":
            block = _Block(value, _both(outside, matches(value, peer)))
        elif keyword == "include" and depth < DEPTH and block.holds is not False:
            yield Setting(keyword, value, path, number, block.words, block.holds is True)
            for pattern in words(value):
                for included in _globbed(files, pattern, path):
                    yield from _walk(files, included, peer, depth + 1, block)
        elif keyword and block.holds is not False:
            yield Setting(keyword, value, path, number, block.words, block.holds is True)


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _globbed(files: Mapping[str, str], pattern: str, path: str) -> list[str]:
    whole = _whole(pattern, path)
    # As glob(3): a star does not cross a slash.
    depth = whole.count("/")
    return sorted(one for one in files if one.count("/") == depth and fnmatch.fnmatchcase(one, whole))


def _whole(pattern: str, path: str) -> str:
    return pattern if pattern.startswith("/") else f"{path.rpartition('/')[0]}/{pattern}"


def matches(criteria: str, peer: Peer) -> bool | None:
    """Whether a Match line is for this peer; None when it asks for what is not known."""
    items = [part for word in words(criteria) for part in word.split("=", 1)]
    if [item.lower() for item in items] == ["all"]:
        return True
    verdict: bool | None = True
    for name, pattern in zip(items[::2], items[1::2], strict=False):
        verdict = _both(verdict, _criterion(name.lower(), pattern, peer))
    return None if len(items) % 2 or not items else verdict


def _criterion(name: str, pattern: str, peer: Peer) -> bool | None:
    if name == "user":
        return _listed(pattern, peer.user)
    if name == "group":
        return _listed(pattern, peer.group)
    if name == "address" and peer.address:
        return _addressed(pattern, peer.address)
    return None


def _listed(patterns: str, value: str) -> bool:
    found = False
    for pattern in patterns.split(","):
        bare = pattern.removeprefix("!")
        if fnmatch.fnmatchcase(value, bare.replace("[", "[[]")):
            if bare != pattern:
                return False
            found = True
    return found


def _addressed(patterns: str, address: str) -> bool:
    found = False
    for pattern in patterns.split(","):
        bare = pattern.removeprefix("!")
        if covers(bare, address):
            if bare != pattern:
                return False
            found = True
    return found


def covers(pattern: str, address: str) -> bool:
    """Whether an address is one of a network, or matches a pattern with wildcards."""
    if "/" not in pattern:
        return _listed(pattern, address)
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(pattern, strict=False)
    except ValueError:
        return False
