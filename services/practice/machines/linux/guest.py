"""A Linux machine: its files, its clock, and which commands it has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from services.practice.machines.disk import Disk
from services.practice.machines.ground import Clock
from services.practice.machines.inventory import Linux
from services.practice.machines.linux import files
from services.practice.machines.linux.shell import Answer, Shell

GONE = "/.gone"
"""Where the disk remembers which files of a fresh machine were removed."""
Reach = Callable[[str, int], bool]


class Guest:
    """One machine at work. `reach` says whether a documented address and port answers."""

    def __init__(self, profile: Linux, clock: Clock, disk: Disk, reach: Reach) -> None:
        self.profile = profile
        self._clock = clock
        self._disk = disk
        self._reach = reach
        self._base = files.of(profile)

    def run(self, line: str) -> Answer:
        """Run a command line as root's login shell would."""
        return Shell(self).run(line)

    def now(self) -> datetime:
        """What this machine's clock shows, in UTC."""
        return self._clock.now() + timedelta(seconds=self.profile.clock_error)

    def command(self, name: str) -> Callable[[list[str], str, Shell], Answer] | None:
        """The command of that name, or None where this system has none."""
        from services.practice.machines.linux.commands import COMMANDS

        name = name.rsplit("/", 1)[-1] if name.startswith("/") else name
        entry = COMMANDS.get(name)
        if entry is None or not entry.on(self.profile):
            return None
        run = entry.run
        return lambda arguments, piped, shell: run(self, arguments, piped, shell)

    def read(self, path: str) -> str | None:
        """The content of a file, or None."""
        changed = self._disk.read(path)
        if changed is not None:
            return changed.decode("utf-8", "replace")
        return None if self._disk.exists(GONE + path) else self._base.get(path)

    def write(self, path: str, content: str, append: bool) -> None:
        """Write a file; it stays written over restarts."""
        before = self.read(path) or "" if append else ""
        self._disk.write(path, (before + content).encode())

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder of that name."""
        if self.read(path) is not None:
            return True
        folder = path.rstrip("/") + "/"
        return any(name.startswith(folder) for name in self._base) or path in files.FOLDERS

    def delete(self, path: str) -> bool:
        """Remove a file; whether there was one."""
        if self.read(path) is None:
            return False
        self._disk.delete(path)
        if path in self._base:
            self._disk.make_folder(GONE + path)
        return True

    def globbed(self, pattern: str) -> list[str]:
        """Files that a pattern with stars stands for; a star does not cross a slash."""
        known = {*self._base, *self._disk.inside("/etc")}
        form = re.compile(re.escape(pattern).replace(r"\*", "[^/]*"))
        return sorted(path for path in known if form.fullmatch(path) and self.read(path) is not None)

    def fact(self, name: str, default: str) -> str:
        """What was set on this machine, else the default."""
        return str(self._disk.fact(name) or default)

    def remember(self, name: str, value: str) -> None:
        """Set something that lasts over restarts."""
        self._disk.remember(name, value)

    def drops(self, host: str, port: int) -> bool:
        """Whether a firewall between swallows this."""
        return "data-port-dropped" in self.profile.faults and port == 9443 and host.startswith("10.")

    def reaches(self, host: str, port: int) -> bool:
        """Whether a TCP connection from this machine would be accepted."""
        return self._reach(host, port)
