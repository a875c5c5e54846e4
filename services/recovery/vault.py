"""One vault in the hands of the console: who asks, and what the vault holds. Azure alone is asked, no journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from services.azure.account import Account, account
from services.azure.clients import Azure
from services.azure.ids import VaultRef
from services.azure.jobs import JobView, parse_job
from services.azure.replication import Replication
from services.journal.journal import Journal
from services.journal.model import Actor
from services.names import nearest
from services.problems.model import Problem, ProblemError, UsageError
from services.recovery.item import ProtectedItem, own_label, parse_item
from services.recovery.points import RecoveryPoint, newest_first, parse_point
from services.text import _, plain
from services.world.model import World

Json = Mapping[str, Any]


class Located(Protocol):
    """An item, or what is kept of one: where it stands in the vault, and what people call it."""

    @property
    def fabric(self) -> str: ...

    @property
    def container(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...


@dataclass
class Vault:
    """A vault and the means to work with it. Lists come whole; Azure's errors come out as ProblemError."""

    world: World
    journal: Journal
    azure: Azure
    ref: VaultRef
    emit: Callable[[Mapping[str, Any]], None]

    @cached_property
    def account(self) -> Account:
        """Who is signed in, as the token says. SignInError where nobody can be."""
        return account(self.azure)

    def sign_in(self) -> None:
        """Sign in; from then on the journal says which account acts."""
        who = self.account
        if not self.journal.read_only:
            self.journal.act_as(Actor.here(who.name, who.object_id, self.azure.sign_in.method))

    @cached_property
    def reads(self) -> Replication:
        return Replication(self.azure, self.ref)

    def items(self) -> list[ProtectedItem]:
        """Every protected item, by title."""
        found = [parse_item(json) for json in self.reads.items()]
        return sorted(found, key=lambda item: item.title.lower())

    def find(self, wanted: str) -> ProtectedItem:
        """The item of this title, name, id or label. UsageError where there is none, or more than one of a title.

        An id counts whole: its last part alone may name an item of another vault or container.
        """
        key = wanted.lower()
        items = self.items()
        found = [
            item for item in items if key in map(str.lower, (item.title, item.name, item.id, own_label(item)))
        ]
        if len(found) == 1:
            return found[0]
        if found:
            what = _("there are {count} protected items of this name").format(count=len(found))
            raise UsageError(
                Problem("ambiguous-item", wanted, what, remedy=_("Give the item's id: lifeboat items --json"))
            )
        known = ", ".join(plain(item.title) for item in items[:5]) + (" ..." if len(items) > 5 else "")
        what = _("no such protected item; the vault {vault} has: {known}").format(
            vault=self.ref.name, known=known or _("none")
        )
        remedy = nearest(wanted, [item.title for item in items])
        raise UsageError(Problem("unknown-item", wanted, what, remedy=remedy))

    def item_json(self, item: Located) -> Json:
        """What Azure says of an item now; ProblemError, which names the item, when it has gone or cannot be read."""
        with self._reading(item.title):
            json = self.reads.item(item.fabric, item.container, item.name)
        if json is None:
            raise ProblemError(
                Problem("item-gone", item.title, _("It is not protected in this vault any more."))
            )
        return json

    def again(self, item: Located) -> ProtectedItem:
        """The item as it is now. ProblemError as of `item_json`."""
        return parse_item(self.item_json(item))

    def points(self, item: Located) -> list[RecoveryPoint]:
        """The item's recovery points, the newest first."""
        with self._reading(item.title):
            found = self.reads.recovery_points(item.fabric, item.container, item.name)
        return newest_first(parse_point(json) for json in found)

    @contextmanager
    def _reading(self, title: str) -> Iterator[None]:
        """Azure's error at reading one item names that item, not the whole vault."""
        try:
            yield
        except ProblemError as error:
            if any(one.subject != self.ref.name for one in error.problems):
                raise
            raise type(error)(*(replace(one, subject=plain(title)) for one in error.problems)) from error

    def jobs(self) -> list[JobView]:
        """Every job the vault tells of, without tasks, the newest first."""
        views = [parse_job(json) for json in self.reads.jobs()]
        return sorted(
            views, key=lambda job: job.start.timestamp() if job.start else float("inf"), reverse=True
        )

    def events(self, item: ProtectedItem) -> list[Mapping[str, Any]]:
        """What Site Recovery has noted of an item, the newest first: `at` (ISO UTC), `what`, `severity`."""
        found = []
        for event in self.reads.events():
            about = event.get("properties") or {}
            if str(about.get("affectedObjectFriendlyName") or "").lower() == item.title.lower():
                at, what = str(about.get("timeOfOccurrence") or ""), str(about.get("description") or "")
                found.append({"at": at, "what": what, "severity": str(about.get("severity") or "")})
        return sorted(found, key=lambda one: str(one["at"]), reverse=True)
