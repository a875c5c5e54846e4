"""Step 3, for machines whose Mobility service comes another way: a person installs it and points it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.changes.plan import Change, Plan
from services.problems.model import Problem, ProblemError
from services.scenario.answers import Answers
from services.scenario.azure_stack.machines import machines_of
from services.scenario.azure_stack.setup_run import ConfigurationServer
from services.scenario.model import Action, Field, Kind, Step
from services.scenario.session import Session
from services.text import _


def by_hand(answers: Answers) -> bool:
    """Whether any machine gets its Mobility service by hand."""
    return any(machine.mobility == "installed" for machine in machines_of(answers))


def _plan_passphrase(session: Session) -> Plan:
    done = session.answers.flag("mobility.done")
    server = session.answers.text("server.name")
    change = Change("read", "passphrase", server, "shown here, kept nowhere")
    return Plan("show-passphrase", () if done else (change,), looked_at={"done": done})


def _show_passphrase(session: Session, plan: Plan) -> Mapping[str, Any]:
    if plan.empty:
        return {}
    name = session.answers.text("server.name")
    if session.reveal is None:
        # Nobody looks: a passphrase on standard output would end in a log.
        session.emit({"event": "hand-over", "path": "genpassphrase.exe -n", "key": name})
        return {}
    location = session.answers.text("setup.install-location")
    with ConfigurationServer(session) as server:
        value = server.call(lambda setup: setup.passphrase(session.deadline, location))
    session.journal.forbid([value])
    session.reveal(_("Passphrase of {server}").format(server=name), value)
    return {}


def _see_done(session: Session, _plan: Plan) -> Mapping[str, Any]:
    if session.answers.flag("mobility.done"):
        return {}
    raise ProblemError(
        Problem(
            "by-hand",
            "mobility.done",
            _("the Mobility service is not yet said to be installed on every machine."),
            remedy=_("Answer yes when it runs on each of them and knows this server."),
        )
    )


MOBILITY = Step(
    id="mobility",
    stage="source",
    title="Mobility service by hand",
    short="Mobility",
    excerpt="For machines that get it another way: install it, then point it to the configuration server.",
    claims=(),
    after=("registered", "machines"),
    applies=by_hand,
    fields=(
        Field(
            "done",
            "Done on each",
            "Yes, when the service is installed on each of them and configured with this server's address.",
            Kind.YES_NO,
            default=False,
        ),
    ),
    actions=(
        Action(
            "show-passphrase", ("AS-6.7",), "Read the passphrase again", _plan_passphrase, _show_passphrase
        ),
        Action(
            "mobility-by-hand",
            ("AS-4.13",),
            "Install the Mobility service by hand",
            lambda _session: Plan("mobility-by-hand"),
            _see_done,
            manual=(
                "On each machine that is marked installed: take the installer from the configuration server, install "
                "it with the role MS, then run UnifiedAgentConfigurator with the server's address and a file that "
                "holds its passphrase. Delete that file afterwards. The commands stand in the guidance."
            ),
        ),
    ),
)
