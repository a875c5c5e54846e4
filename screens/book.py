"""The engagements of one world, as the pages and the prompts open them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.journal.journal import Journal
    from services.journal.model import Engagement
    from services.scenario.model import Scenario
    from services.scenario.session import Event
    from services.scenario.walk import Walk
    from services.world.model import World

Emit = Callable[["Event"], None]
Ask = Callable[[str, str], str]
Reveal = Callable[[str, str], None]


@dataclass
class Book:
    """One world, its open journal, and the scenarios that can be walked in it."""

    world: World
    journal: Journal
    scenarios: Mapping[str, Scenario]
    wanted: str = ""
    """The engagement that was named on the command line."""
    known_titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of scenarios that need not be loaded for that."""

    def titles(self) -> dict[str, str]:
        """The title of each scenario, by id."""
        return {name: self.known_titles.get(name) or self.scenarios[name].title for name in self.scenarios}

    def engagements(self) -> list[Engagement]:
        """What is being set up here, the newest first; scenarios that this version does not know are left out."""
        from services.scenario.registry import OWN

        known = [
            one for one in self.journal.engagements() if one.scenario in self.scenarios and one.name != OWN
        ]
        return sorted(known, key=lambda one: (one.name == self.wanted, one.id), reverse=True)

    def begin(self, scenario: Scenario) -> Engagement:
        """A new engagement under a name that is free: the one that was wanted, else scenario and vault.

        One of the scenario that was opened and left as it was is taken up instead.
        """
        for one in self.engagements():
            untouched = not self.journal.answers(one.id) and not self.journal.facts(one.id)
            if one.scenario == scenario.id and untouched and self.wanted in ("", one.name):
                return one
        taken = {one.name for one in self.journal.engagements()}
        name = self.wanted if self.wanted and self.wanted not in taken else self._name(scenario)
        number, free = 2, name
        while free in taken:
            free, number = f"{name}-{number}", number + 1
        return self.journal.engagement(free, scenario.id)

    def walk(self, engagement: Engagement, emit: Emit, ask: Ask | None, reveal: Reveal | None = None) -> Walk:
        """An engine for an engagement; each worker has its own."""
        from services.scenario.walk import Walk  # with it comes the journal: after the first frame

        scenario = self.scenarios[engagement.scenario]
        return Walk(scenario, self.world, self.journal, engagement, emit, ask, reveal)

    def _name(self, scenario: Scenario) -> str:
        from services.scenario.answers import Answers

        answers = Answers(scenario, {}, self.world.known)
        vault = answers.text("vault.name") if answers.field("vault.name") else ""
        return f"{scenario.id}/{vault}" if vault else scenario.id
