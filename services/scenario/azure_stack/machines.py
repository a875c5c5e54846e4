"""Step 1: the machines to protect, from an answers file, by hand, from a CSV file or from the Hub."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.changes.plan import Plan
from services.guests.model import Machine
from services.readiness.model import Finding
from services.scenario.answers import Answers
from services.scenario.azure_stack import machine_checks, machine_list, machine_rules
from services.scenario.azure_stack.hub_steps import HUB_MACHINES
from services.scenario.azure_stack.machine_rules import SYSTEMS, Entry
from services.scenario.model import Action, Choice, Field, Kind, Step, StepCheck
from services.scenario.session import Session
from services.text import _

LISTED = "machines.digest"
"""Fact: the digest of the list that the step was completed with; a CSV file may change behind our back."""


def machines_of(given: Session | Answers) -> list[Machine]:
    """Every machine of the engagement, with the default accounts filled in. Mistaken entries are left out."""
    answers = given if isinstance(given, Answers) else given.answers
    return [_machine(entry, answers) for entry in _usable(answers)]


def machines_digest(given: Session | Answers) -> str:
    """Changes when a machine, an address or an account changes, in the answers or in the CSV file."""
    rows = [sorted(vars(machine).items()) for machine in machines_of(given)]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def list_moved(session: Session, fact: str) -> str | None:
    """Why what was done for the list of machines no longer holds; None when it does."""
    if session.facts.get(fact) in (None, machines_digest(session)):
        return None
    return _("The list of machines has changed.")


def remember_list(action_id: str, fact: str) -> Action:
    """An action that changes nothing and keeps which list the step was done for."""
    return Action(
        action_id,
        (),
        "Remember the list of machines",
        lambda _session: Plan(action_id),
        lambda session, _plan: {fact: machines_digest(session)},
    )


def _entries(answers: Answers) -> list[Entry]:
    tables = machine_list.from_tables(answers["machines.machines"])
    return [*tables.entries, *machine_list.from_csv_file(answers.text("machines.csv")).entries]


def _usable(answers: Answers) -> list[Entry]:
    return machine_rules.sort_out(_entries(answers))[0]


def _machine(entry: Entry, answers: Answers) -> Machine:
    os_type = SYSTEMS[entry.get("os").lower()]
    account = os_type.lower()
    return Machine(
        name=entry.get("name"),
        address=entry.get("address"),
        os_type=os_type,
        user=entry.get("user") or answers.text(f"machines.{account}-user"),
        secret=entry.get("secret") or answers.text(f"machines.{account}-secret"),
        secret_key=f"machines.{entry.get('name') if entry.get('secret') else account}-secret",
        mobility=entry.get("mobility").lower() or "push",
        fingerprint=entry.get("fingerprint"),
        key=entry.get("key"),
        passphrase=entry.get("passphrase"),
        winrm=entry.get("winrm").lower(),
    )


def _suggested(answers: Answers) -> list[dict[str, str]]:
    listed = machine_list.from_csv(answers.known["machines"]) if answers.known.get("machines") else None
    return [dict(entry.values) for entry in listed.entries] if listed else []


def _tables_mistake(value: Any, _answers: Answers) -> str | None:
    return "\n".join(machine_list.mistakes_of(value)) or None


def _csv_mistake(value: Any, answers: Answers) -> str | None:
    listed = machine_list.from_csv_file(str(value))
    before = machine_list.from_tables(answers["machines.machines"]).entries
    wrong = [*listed.mistakes, *machine_rules.judge(listed.entries, before)]
    return "\n".join(machine_rules.by_line(wrong)) or None


def _asks_account(os_type: str) -> Callable[[Answers], bool]:
    """A default account is asked for when a machine of that system names none."""

    def applies(answers: Answers) -> bool:
        return any(
            entry.get("os").lower() == os_type
            and not (entry.get("user") and (entry.get("secret") or entry.get("key")))
            for entry in _entries(answers)
        )

    return applies


def _asks_secret(os_type: str) -> Callable[[Answers], bool]:
    """A default password is asked for when a machine of that system names neither a password nor a key."""

    def applies(answers: Answers) -> bool:
        return any(
            entry.get("os").lower() == os_type and not (entry.get("secret") or entry.get("key"))
            for entry in _entries(answers)
        )

    return applies


def _offer(session: Session) -> Sequence[Choice]:
    inventory: Sequence[Mapping[str, Any]] = session.facts.get(HUB_MACHINES) or ()
    tables = machine_list.from_inventory(inventory)
    return [Choice(",".join(table.values()), table["name"], table["address"]) for table in tables]


def _each(judge: Callable[[Machine], Finding]) -> Callable[[Session], Sequence[Finding]]:
    """A check that judges machine by machine."""
    return lambda session: [judge(machine) for machine in machines_of(session)]


def _listed(session: Session) -> Sequence[Finding]:
    return [machine_checks.listed(machines_of(session))]


def _push_account(session: Session) -> Sequence[Finding]:
    pushed = [machine for machine in machines_of(session) if machine.mobility == "push"]
    return [machine_checks.push_account(machine) for machine in pushed]


def _at_the_hub(session: Session) -> Sequence[Finding]:
    inventory: Sequence[Mapping[str, Any]] = session.facts.get(HUB_MACHINES) or ()
    if not inventory:
        return ()
    return [machine_checks.at_the_hub(machine, inventory) for machine in machines_of(session)]


MACHINES = Step(
    id="machines",
    stage="prepare",
    title="The machines to protect",
    short="Machines",
    excerpt="Name, private address and system of each machine, and an account that may look at it.",
    claims=("AS-4.3", "AS-4.7", "AS-4.12", "AS-4.13"),
    fields=(
        Field(
            "machines",
            "Machines",
            "Each machine with name, private address and os (Windows or Linux). If they differ from the "
            "accounts below: user and secret. mobility is push, or installed where the Mobility service is "
            "there already; fingerprint is that of its SSH host key. key is a private key file, passphrase says "
            "where its passphrase comes from; winrm is the way to a Windows machine.",
            Kind.MACHINES,
            required=False,
            default=[],
            suggest=_suggested,
            check=_tables_mistake,
            offer=_offer,
        ),
        Field(
            "csv",
            "CSV file",
            "More machines from a file. Its first line: name,address,os and, if wanted, "
            "user,secret,mobility,fingerprint,key,passphrase,winrm.",
            Kind.PATH,
            required=False,
            check=_csv_mistake,
        ),
        Field(
            "linux-user",
            "Linux account",
            "For machines that name none. Push installation needs root itself.",
            default="root",
            applies=_asks_account("linux"),
        ),
        Field(
            "linux-secret",
            "Linux password",
            "Where the password is kept, never the password.",
            Kind.SECRET,
            suggest=lambda answers: answers.known.get("linux-secret", ""),
            applies=_asks_secret("linux"),
        ),
        Field(
            "windows-user",
            "Windows account",
            "For machines that name none: an administrator, DOMAIN\\user or a local name.",
            default="Administrator",
            applies=_asks_account("windows"),
        ),
        Field(
            "windows-secret",
            "Windows password",
            "Where the password is kept, never the password.",
            Kind.SECRET,
            suggest=lambda answers: answers.known.get("windows-secret", ""),
            applies=_asks_secret("windows"),
        ),
    ),
    checks=(
        StepCheck("machines-listed", ("AS-4.12",), "At least one machine", _listed),
        StepCheck(
            "private-address",
            ("AS-4.12", "AS-8.9"),
            "The address is private",
            _each(machine_checks.private_address),
        ),
        StepCheck("hub-address", ("AS-4.12",), "The Hub says the same", _at_the_hub, blocking=False),
        StepCheck(
            "azure-name",
            ("AS-8.9",),
            "The name will do in Azure",
            _each(machine_checks.azure_name),
            blocking=False,
        ),
        StepCheck(
            "push-account", ("AS-4.3", "AS-4.7"), "The account may install", _push_account, blocking=False
        ),
    ),
    actions=(remember_list("list-machines", LISTED),),
    stale=lambda session: list_moved(session, LISTED),
)
