"""The end of a run on its page: what is wrong, how to connect, what was measured, and notes that are kept after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from screens.console import words
from screens.console.errand import Consent, Shown
from screens.style import Line, text, wrapped
from screens.welcome import problem_lines
from services.text import _, plain, rough_span

if TYPE_CHECKING:
    from pathlib import Path

    from services.evidence.model import Record
    from services.recovery.drill_runs import Ended
    from services.recovery.run import Run


LEFT_ON = "source-left-on"
LOOKED_AT = ("check-failed", "machine-not-as-wanted")
"""What is found wrong with a machine that has failed over: it is in Azure all the same."""


def is_over(ended: Ended) -> bool:
    """Whether the failover itself went through, whatever was found wrong after it."""
    codes = {problem.code for problem in ended.problems}
    return ended.outcome == "done" or codes <= {LEFT_ON, *LOOKED_AT}


def word_of(ended: Ended) -> str:
    """How a failover ended, for the title: what is dangerous is not called done."""
    codes = {problem.code for problem in ended.problems}
    if not is_over(ended):
        return _(ended.outcome)
    if LEFT_ON in codes:
        return _("failed over; SOURCE NOT SHUT DOWN")
    if "check-failed" in codes:
        return _("failed over; a check failed")
    return _("failed over; not as wanted") if codes else done_word(ended)


def done_word(ended: Ended) -> str:
    """How a run ended, for the title: one that missed its targets is not only done."""
    from services.evidence.history import entry

    record = entry(ended.evidence).record if ended.outcome == "done" else None
    return _("done; target missed") if record is not None and missed(record) else _(ended.outcome)


def missed(record: Record) -> list[str]:
    """The targets that a run has missed, a sentence for each."""
    rto, late = record.measures.rto, [one for one in record.measures.machines if one.met is False]
    said = []
    if rto.met is False and rto.target is not None:
        said.append(_("RTO target of {span} missed").format(span=rough_span(rto.target)))
    if late and late[0].rpo_target is not None:
        said.append(_("RPO target of {span} missed").format(span=rough_span(late[0].rpo_target)))
    return said


def failed_over_lines(ended: Ended, width: int) -> list[Line]:
    """The end of a failover: first what is dangerous, then what was found wrong, and what comes next."""
    if not is_over(ended):
        return ended_lines(ended, width)
    left = tuple(one for one in ended.problems if one.code == LEFT_ON)
    rest = tuple(one for one in ended.problems if one.code != LEFT_ON)
    lines: list[Line] = []
    if left:
        said = _("Failed over, and a source was not shut down. Look at that before anything else.")
        lines += wrapped(said, width, "bad")
    elif rest:
        said = _("The failover itself went through. This was found wrong in Azure:")
        lines += wrapped(said, width, "warn")
    ordered = replace(ended, problems=(*left, *rest))
    return [
        *lines,
        *ended_lines(ordered, width),
        *_before_commit(width, left_on=bool(left), wrong=bool(rest)),
    ]


def taken_up(hand: Run, point: str = "") -> Shown:
    """What is shown of a run that was cut off: it goes on, nothing new is asked. `point`: what it starts from."""
    said = _("What was begun at {at} was cut off. It goes on where it was; nothing is asked twice.")
    note = said.format(at=words.moment(hand.about.declared))

    def lines(width: int) -> list[Line]:
        return [*wrapped(note, width), *wrapped(point, width)]

    return Shown(lines, _("Go on"), hand, evidence=True, begun=True)


def keeping(hand: Run, consent: Consent) -> Callable[[str], Path]:
    """Keeps notes with the record of a run that is over, signed by whoever signed that."""

    def keep(typed: str) -> Path:
        from services.recovery import notes

        return notes.keep(hand, typed, consent.signer)

    return keep


def ended_lines(ended: Ended, width: int) -> list[Line]:
    """How a run ended: what is wrong, how to connect to what runs, and where its evidence is."""
    lines: list[Line] = []
    for problem in ended.problems:
        lines += problem_lines(problem, width)
    for line in ended.connecting:
        lines += wrapped(plain(line), width, indent="    ")
    lines += _measured(ended.evidence, width)
    return lines + path_lines(_("Evidence: {path}"), ended.evidence, width)


def cleaned_lines(ended: Ended, width: int) -> list[Line]:
    """The end of a clean-up. It is done only when a new listing shows nothing of the drill."""
    said = _("Nothing is left: Azure was asked anew, and lists no machine, interface or disk of the drill.")
    return [*(wrapped(said, width, "good") if ended.outcome == "done" else ()), *ended_lines(ended, width)]


def path_lines(said: str, path: Path, width: int) -> list[Line]:
    """A sentence with a {path}, which goes on below in lines of its own, broken behind slashes only."""
    whole = said.format(path=plain(str(path)))
    if len(whole) <= width:
        return [text(whole, "good")]
    before = said.partition("{path}")[0].rstrip()
    lines = wrapped(before, width, "good")
    line = "  "
    for piece in re.findall(r"[^/]*/|[^/]+$", plain(str(path))):
        if line.strip() and len(line + piece) > width:
            lines.append(text(line, "good"))
            line = "  "
        line += piece
    return [*lines, text(line, "good")]


def _measured(evidence: Path, width: int) -> list[Line]:
    """RTO and RPO as the record has them, against their targets."""
    from services.evidence.history import entry

    record = entry(evidence).record
    if record is None or record.measures.rto.total is None:
        return []
    rto, worst = record.measures.rto, record.measures.worst_rpo
    parts = [
        (_("decision"), rto.decision),
        (_("platform"), rto.platform),
        (_("boot"), rto.boot),
        (_("application"), rto.application),
    ]
    split = ", ".join(f"{name} {rough_span(value)}" for name, value in parts if value is not None)
    said = _("RTO {total} ({split})").format(total=rough_span(record.measures.rto.total), split=split)
    if rto.target is not None:
        said += _("; target {target}").format(target=rough_span(rto.target))
    if worst is not None:
        said += _("; RPO {rpo}").format(rpo=rough_span(worst))
    late = [line for one in missed(record) for line in wrapped(one, width, "warn")]
    return [*wrapped(said, width, "bold"), *late]


def _before_commit(width: int, *, left_on: bool, wrong: bool) -> list[Line]:
    said = _("Commit when all is well, or change the point before. Committing deletes every recovery point.")
    if left_on:
        said = _(
            "Do not commit before the source is seen to be off. Committing deletes every recovery point."
        )
    elif wrong:
        said = _("Mend it or change the point before you commit. Committing deletes every recovery point.")
    return wrapped(said, width, "warn")
