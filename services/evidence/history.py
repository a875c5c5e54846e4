"""What the folders of evidence say together: the trend of RTO and RPO over drills, and overdue drills."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.evidence import folder as names
from services.evidence.model import Record
from services.evidence.reading import record_from

CADENCE = timedelta(days=180)
"""A drill at least every six months: Microsoft, site-recovery-monitor-and-troubleshoot.md (2018)."""
DRILL = "drill"


@dataclass(frozen=True)
class Entry:
    """One folder. `record` is None where record.json cannot be read, and `why` says why."""

    path: Path
    record: Record | None
    why: str = ""

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Trend:
    """One run of a verb against the one before it on the same target; spans in seconds, None: not measured.

    `cleaned` is false while a drill waits for its cleanup: until then it does not count as done.
    """

    entry: Entry
    record: Record
    rto: float | None
    rto_change: float | None
    rpo: float | None
    rpo_change: float | None
    cleaned: bool


@dataclass(frozen=True)
class Due:
    """When the last drill of a target that counts was, if any, and whether the next is overdue.

    `by_azure`: Azure says so, and no evidence of that drill is here.
    """

    target: str
    last: datetime | None
    overdue: bool
    by_azure: bool = False


def entries(parent: Path) -> list[Entry]:
    """The folders below `parent`, the newest record of each run only, in the order of their start."""
    found = [entry(path) for path in folders(parent)]
    newest: dict[str, Entry] = {}
    for one in sorted(found, key=_age):
        newest[(one.record.identity.run if one.record else "") or one.name] = one
    return sorted(newest.values(), key=lambda one: (_started(one), one.name))


def folders(parent: Path) -> list[Path]:
    """Every folder of evidence below `parent`, older records of a run too, by name."""
    try:
        return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []


def entry(path: Path) -> Entry:
    """What a folder's record.json says."""
    try:
        return Entry(path, record_from(json.loads((path / names.RECORD).read_bytes())))
    except (OSError, ValueError, RecursionError) as error:
        return Entry(path, None, str(error))


def trend(found: Iterable[Entry], verb: str = DRILL) -> list[Trend]:
    """The runs of a verb, each with its change against the one before on its target."""
    rows: list[Trend] = []
    last: dict[str, Trend] = {}
    for one in found:
        record = one.record
        if record is None or record.identity.verb != verb:
            continue
        before = last.get(record.identity.target)
        rto, rpo = record.measures.rto.total, record.measures.worst_rpo
        row = Trend(
            one,
            record,
            rto,
            _change(rto, before.rto if before else None),
            rpo,
            _change(rpo, before.rpo if before else None),
            record.cleanup.state in ("done", "not-needed"),
        )
        rows.append(row)
        last[record.identity.target] = row
    return rows


def due(
    rows: Iterable[Trend],
    targets: Iterable[str],
    now: datetime,
    cadence: timedelta = CADENCE,
    *,
    last_drills: Mapping[str, datetime | None] | None = None,
) -> list[Due]:
    """Which targets are due for a drill: only drills that ended well and were cleaned up count.

    `targets` may name more than were ever drilled, as all protected items of a vault. A drill of several items,
    or of a recovery plan, counts for each of its machines. `last_drills`: when Azure says that a target was last
    drilled well; it is shown where it is newer than the evidence here.
    """
    last: dict[str, datetime] = {}
    named = set(targets)
    for row in rows:
        proven = _proven(row.record)
        named.update(proven)
        ended = moment(row.record.identity.ended or row.record.identity.started)
        if ended and row.cleaned and row.record.identity.outcome == "done":
            last.update({target: max(ended, last.get(target, ended)) for target in proven})
    azure = last_drills or {}
    return [_due(target, last.get(target), azure.get(target), now, cadence) for target in sorted(named)]


def _proven(record: Record) -> set[str]:
    """What a drill is a drill of: its machines, and its recovery plan; its target where no machine is named."""
    machines = {one.name for one in record.scope.machines if one.included}
    whole = record.identity.target_kind == "recovery plan" or not machines
    return machines | ({record.identity.target} if whole else set())


def _due(
    target: str, proven: datetime | None, told: datetime | None, now: datetime, cadence: timedelta
) -> Due:
    by_azure = told is not None and (proven is None or told > proven)
    last = told if by_azure else proven
    return Due(target, last, _overdue(last, now, cadence), by_azure)


def moment(text: str) -> datetime | None:
    """A time of a record, aware, or None where it cannot be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _overdue(last: datetime | None, now: datetime, cadence: timedelta) -> bool:
    return last is None or now - last > cadence


def _change(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else new - old


def _age(entry: Entry) -> int:
    """How far the log had come when the folder was written: the last number in its manifest."""
    try:
        return int(json.loads((entry.path / names.MANIFEST).read_bytes())["log"]["last"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return 0


def _started(entry: Entry) -> datetime:
    found = moment(entry.record.identity.started) if entry.record else None
    return found or datetime.min.replace(tzinfo=UTC)
