"""Programs of Windows that tell about it: time, registry, digests, WMI, ports."""

from __future__ import annotations

import hashlib
import re

from services.practice.machines.linux.shell import Answer
from services.practice.machines.windows import firewall, registry, wmi
from services.practice.machines.windows.cmd import Console
from services.practice.machines.windows.values import text

NOT_FOUND = "The system cannot find the file specified.\n"


def tzutil(console: Console, rest: str, words: list[str]) -> Answer:
    """tzutil /g"""
    del rest
    zone = "W. Europe Standard Time" if console.guest.german else "UTC"
    return Answer(zone) if words[:1] == ["/g"] else Answer("", "ERROR: Invalid syntax.\n", 1)


def w32tm(console: Console, rest: str, words: list[str]) -> Answer:
    """w32tm /query /status, /resync and /stripchart"""
    del rest
    guest = console.guest
    if words[:2] == ["/query", "/status"]:
        synced = guest.now().strftime("%m/%d/%Y %I:%M:%S %p")
        return Answer(
            "Leap Indicator: 0(no warning)\nStratum: 4 (secondary reference - syncd by (S)NTP)\n"
            "Precision: -6 (15.625ms per tick)\nRoot Delay: 0.0312500s\nRoot Dispersion: 7.7801387s\n"
            "ReferenceId: 0x0D4158A1 (source IP:  13.65.88.161)\n"
            f"Last Successful Sync Time: {synced}\nSource: time.windows.com,0x8\nPoll Interval: 10 (1024s)\n"
        )
    if words[:1] == ["/resync"]:
        guest.disk.remember("clock-set", True)
        return Answer("Sending resync command to local computer\nThe command completed successfully.\n")
    options = dict(word.lstrip("/").partition(":")[::2] for word in words)
    if "stripchart" in options:
        return _stripchart(console, options)
    return Answer("", "The command /? is unknown.\n", 1)


def _stripchart(console: Console, options: dict[str, str]) -> Answer:
    guest, server = console.guest, options.get("computer", "")
    now = guest.now()
    count = int(options.get("samples", "1"))
    known = server in ("time.windows.com", "time.nist.gov")
    offset = (guest.clock.now() - now).total_seconds()
    value = f"{offset:+011.7f}s" if known else "error: 0x800705B4"
    lines = "".join(f"{now:%H:%M:%S}, {value}\n" for _sample in range(count))
    return Answer(
        f"Tracking {server} [13.65.88.161:123].\nCollecting {count} samples.\n"
        f"The current time is {now:%m/%d/%Y %I:%M:%S %p}.\n{lines}"
    )


def reg(console: Console, rest: str, words: list[str]) -> Answer:
    """reg query, reg add and reg delete"""
    del rest
    guest, verb, options = console.guest, (words[0].lower() if words else ""), words[1:]
    given = {word.lower(): options[at + 1] for at, word in enumerate(options[:-1]) if word.startswith("/")}
    missing = (
        "FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.\n"
        if guest.german
        else "ERROR: The system was unable to find the specified registry key or value.\n"
    )
    done = (
        "Der Vorgang wurde erfolgreich beendet.\n"
        if guest.german
        else "The operation completed successfully.\n"
    )
    if verb == "query":
        shown, found = registry.query(guest, options)
        return Answer(shown) if found else Answer("", missing, 1)
    if verb == "add":
        kind, data = given.get("/t", "REG_SZ"), given.get("/d", "")
        registry.add(guest, options[0], given.get("/v", "(Default)"), kind.upper(), data)
        return Answer(done)
    if verb == "delete" and "/v" in given:
        return Answer(done) if registry.delete(guest, options[0], given["/v"]) else Answer("", missing, 1)
    return Answer("", "ERROR: Invalid syntax.\n", 1)


def certutil(console: Console, rest: str, words: list[str]) -> Answer:
    """certutil -hashfile FILE [ALGORITHM]"""
    del rest
    if len(words) < 2 or words[0].lower() != "-hashfile":
        return Answer("", "Expected at least 1 args, received 0\n", 1)
    data = console.guest.disk.read(words[1])
    if data is None:
        return Answer(
            f"CertUtil: -hashfile command FAILED: 0x80070002\nCertUtil: {NOT_FOUND}", "", -2147024894
        )
    digest = hashlib.new(words[2] if len(words) > 2 else "SHA1", data).hexdigest()
    if console.guest.profile.powershell < 5:
        digest = " ".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    name = words[2] if len(words) > 2 else "SHA1"
    return Answer(
        f"{name} hash of {words[1]}:\n{digest}\nCertUtil: -hashfile command completed successfully.\n"
    )


def wmic(console: Console, rest: str, words: list[str]) -> Answer:
    """wmic os|computersystem get NAME,... [/value]"""
    classes = {"os": "Win32_OperatingSystem", "computersystem": "Win32_ComputerSystem"}
    found = wmi.instances(console.guest, classes.get(words[0].lower(), "")) if words else None
    asked = re.search(r"\bget\s+([\w,\s]+?)(?:\s*/|$)", rest, re.I)
    if not found or asked is None:
        return Answer("", "Invalid Global Switch.\n", 44135)
    names = [name.strip() for name in asked[1].split(",")]
    if "/value" in rest.lower() or "/format:list" in rest.lower():
        return Answer("\n\n" + "".join(f"{name}={text(found[0].get(name))}\n" for name in names) + "\n\n")
    row = [text(found[0].get(name)) for name in names]
    widths = [max(len(name), len(value)) + 2 for name, value in zip(names, row, strict=True)]
    lines = [
        "".join(part.ljust(width) for part, width in zip(each, widths, strict=True)) for each in (names, row)
    ]
    return Answer("\n".join(lines) + "\n\n")


def netstat(console: Console, rest: str, words: list[str]) -> Answer:
    """netstat, listening ports only"""
    del rest, words
    state = "ABHÖREN" if console.guest.german else "LISTENING"
    rows = "".join(
        f"  TCP    0.0.0.0:{port:<17} 0.0.0.0:0              {state}       884\n"
        for port in console.guest.listening()
    )
    head = (
        "\nActive Connections\n\n  Proto  Local Address          Foreign Address        State           PID\n"
    )
    return Answer(head + rows)


def netsh(console: Console, rest: str, words: list[str]) -> Answer:
    """netsh advfirewall firewall set rule group=NAME new enable=yes|no"""
    del rest
    shown, code = firewall.netsh(console.guest, words)
    return Answer(shown, "", code)
