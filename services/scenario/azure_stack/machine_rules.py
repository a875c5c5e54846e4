"""What makes an entry of the list of machines right: the one place that judges it, whoever typed it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.guests.winrm_ways import WAYS
from services.secrets import complaint
from services.text import _, plain

COLUMNS = (
    *("name", "address", "os", "user", "secret", "mobility"),
    *("fingerprint", "key", "passphrase", "winrm"),
)
REQUIRED = COLUMNS[:3]
SYSTEMS = {"windows": "Windows", "linux": "Linux"}
MOBILITY = ("push", "installed")
WINRM = tuple(WAYS)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_PRIVATE = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


@dataclass(frozen=True)
class Entry:
    """One machine as given. `place` says where (`machine 2`, `line 3`); values are stripped text."""

    place: str
    values: Mapping[str, str]

    def get(self, key: str) -> str:
        return self.values.get(key, "")


def judge(entries: Sequence[Entry], before: Sequence[Entry] = ()) -> list[str]:
    """A sentence for every mistake of `entries`; `before` are machines already listed elsewhere."""
    found = [sentence for entry in entries for sentence in _entry_mistakes(entry)]
    return found + _twice(entries, before)


def by_line(sentences: Iterable[str]) -> list[str]:
    """Sentences in the order of the lines that they are about, whose number each names first."""

    def number(sentence: str) -> int:
        found = re.search(r"\d+", sentence)
        return int(found[0]) if found else 0

    return sorted(sentences, key=number)


def sort_out(entries: Sequence[Entry], before: Sequence[Entry] = ()) -> tuple[list[Entry], list[str]]:
    """The entries that will do beside `before` and beside each other, and a sentence for every mistake."""
    kept: list[Entry] = []
    found: list[str] = []
    for entry in entries:
        wrong = judge([entry], [*before, *kept])
        found += wrong
        if not wrong:
            kept.append(entry)
    return kept, found


def is_private(address: str) -> bool:
    """Whether this is an IPv4 address of RFC 1918."""
    given = ipv4(address)
    return given is not None and any(given in network for network in _PRIVATE)


def ipv4(address: str) -> ipaddress.IPv4Address | None:
    """The address, or None when this is none."""
    try:
        return ipaddress.IPv4Address(address)
    except ValueError:
        return None


def _entry_mistakes(entry: Entry) -> list[str]:
    rules = (
        ("name", _wrong_name(entry.get("name"))),
        ("address", _wrong_address(entry.get("address"))),
        ("os", _wrong_word(entry.get("os"), tuple(SYSTEMS.values()), required=True)),
        ("secret", complaint(entry.get("secret")) if entry.get("secret") else None),
        ("mobility", _wrong_word(entry.get("mobility"), MOBILITY, required=False)),
        ("fingerprint", _wrong_fingerprint(entry.get("fingerprint"))),
        ("passphrase", complaint(entry.get("passphrase")) if entry.get("passphrase") else None),
        ("winrm", _wrong_word(entry.get("winrm"), WINRM, required=False)),
    )
    return [f"{entry.place}: {key}: {wrong}" for key, wrong in rules if wrong]


def _wrong_name(name: str) -> str | None:
    if not name:
        return _("needs a value")
    if NAME.fullmatch(name):
        return None
    rule = _("'{value}' will not do; give 1 to 63 letters, digits and . _ -, a letter or digit first")
    return rule.format(value=plain(name, 70))


def _wrong_address(address: str) -> str | None:
    if not address:
        return _("needs a value")
    given = ipv4(address)
    if given is None:
        wrong = _("'{value}' is not an IPv4 address; give one such as 10.1.0.11")
        return wrong.format(value=plain(address, 60))
    if (
        given.is_loopback
        or given.is_multicast
        or given.is_unspecified
        or given.is_link_local
        or given.is_reserved
    ):
        return _("'{value}' is not the address of a machine; give its private address").format(value=address)
    return None


def _wrong_word(word: str, known: Sequence[str], *, required: bool) -> str | None:
    if not word and required:
        return _("needs a value: {known}").format(known=_(" or ").join(known))
    if word.lower() in [name.lower() for name in known] or not word:
        return None
    return _("'{value}' is not known; give {known}").format(
        value=plain(word, 40), known=_(" or ").join(known)
    )


def _wrong_fingerprint(fingerprint: str) -> str | None:
    if not fingerprint or FINGERPRINT.fullmatch(fingerprint):
        return None
    return _(
        "'{value}' is not a fingerprint; give SHA256: and 43 characters, as ssh-keygen -l prints it"
    ).format(value=plain(fingerprint, 80))


def _twice(entries: Sequence[Entry], before: Sequence[Entry]) -> list[str]:
    wrong = _("{place}: {key}: '{value}' is already the {key} of {first}; each machine needs its own")
    found = []
    for key in ("name", "address"):
        seen = {entry.get(key).lower(): entry.place for entry in before}
        for entry in entries:
            value = entry.get(key).lower()
            if value and value in seen:
                shown = plain(entry.get(key), 60)
                found.append(wrong.format(place=entry.place, key=key, value=shown, first=seen[value]))
            seen.setdefault(value, entry.place)
    return found
