"""What a machine runs, as the support matrix names it."""

from __future__ import annotations

from dataclasses import dataclass

from services.readiness.model import Evidence


@dataclass(frozen=True)
class GuestSystem:
    """A machine's operating system.

    `family` is `windows` or `linux`; `distribution` and `version` are spelled as in the matrix (`Ubuntu`,
    `16.04`; `Windows Server`, `2012 R2`), empty when they could not be found out. `architecture` is `x86_64`,
    `x86` or as the machine says; `kernel` is `uname -r`; `full_name` is the system's own name for itself;
    `variant` is `Pro` for an Ubuntu that is attached to Ubuntu Pro.
    """

    family: str
    distribution: str
    version: str
    architecture: str
    kernel: str = ""
    service_pack: int = 0
    full_name: str = ""
    variant: str = ""
    seen: tuple[Evidence, ...] = ()

    @property
    def title(self) -> str:
        """`Ubuntu 16.04`, `Windows Server 2008 R2 SP1`; its own name for itself when it is not known."""
        if not self.distribution:
            return self.full_name or self.family.capitalize()
        pack = f" SP{self.service_pack}" if self.service_pack else ""
        return f"{self.distribution} {self.version}".rstrip() + pack
