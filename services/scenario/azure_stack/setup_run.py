"""Unified Setup run on the configuration server over WinRM; a lost link is opened again and the run adopted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from services.problems.model import Problem, ProblemError
from services.scenario.azure_stack.key import key_path, require_life
from services.scenario.azure_stack.server_machine import server_machine
from services.scenario.azure_stack.vault import vault_ref
from services.scenario.session import Session
from services.text import _

if TYPE_CHECKING:
    from services.guests.model import Shell
    from services.guests.setup_command import Proxy, SetupOptions
    from services.guests.unified_setup import UnifiedSetup

LICENCE = "MySQL 2022-07-27"
"""The third-party licence by name, and the date of the page that says setup installs it."""
LOG_POLL = 20.0
"""World seconds between two looks at the log."""
LOST_LINKS = 20
RESTART, NOT_REGISTERED = 3010, 103
"""Exit codes: ended well but for a restart; no registration, as with a key that has run out."""
STARTED, EXIT, ENDED = "setup.started", "setup.exit", "setup.ended"
"""Facts: the server on which setup was started, the exit code with which it ended, and when (ISO, UTC)."""
LINK_LOST = ("link-lost", "no-answer", "unreachable", "refused")


def setup_options(session: Session) -> SetupOptions:
    """What setup is asked for, with the passwords and the key that it takes."""
    from services.guests.setup_command import SetupOptions

    answers = session.answers
    return SetupOptions(
        install_location=answers.text("setup.install-location"),
        licence=answers.text("setup.third-party-licence") == LICENCE,
        mysql_root=session.secret(
            answers.text("setup.mysql-root"), _("MySQL root password"), "setup.mysql-root"
        ),
        mysql_user=session.secret(
            answers.text("setup.mysql-user"), _("MySQL user password"), "setup.mysql-user"
        ),
        key=key_path(session).read_bytes(),
        connection=answers.text("setup.connection"),
        proxy=proxy_of(session),
        data_port=answers.number("setup.data-port"),
    )


def proxy_of(session: Session) -> Proxy | None:
    """The proxy that is named in the answers, with the password of its account."""
    from services.guests.setup_command import Proxy

    answers = session.answers
    if answers.text("setup.connection") != "custom":
        return None
    user, key = answers.text("setup.proxy-user"), "setup.proxy-secret"
    password = session.secret(answers.text(key), _("Proxy password"), key) if user else ""
    return Proxy(answers.text("setup.proxy-address"), answers.number("setup.proxy-port"), user, password)


def left_behind(session: Session, registered: bool) -> str:
    """What a run of setup has left on the server: `run`, `files`, or an empty string.

    It is looked for where this engagement has started one. A registered server is asked too, as another
    console may have started it; that it does not answer then is no reason to stop.
    """
    started = session.facts.get(STARTED) is not None
    if not started and not registered:
        return ""
    with ConfigurationServer(session) as server:
        if started:
            return server.left()
        try:
            return server.left_at_once()
        except ProblemError:
            session.deadline.check()
            return ""


class ConfigurationServer:
    """The configuration server during setup; a lost link is opened again and the run adopted."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shell: Shell | None = None
        self._setup: UnifiedSetup | None = None

    def __enter__(self) -> ConfigurationServer:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._hang_up()

    def call(self, ask: Callable[[UnifiedSetup], Any]) -> Any:
        """Ask the server something that may be asked again; survives lost links."""
        for attempt in range(LOST_LINKS):
            try:
                return ask(self._opened())
            except ProblemError as error:
                lost = error.problems[0].code in LINK_LOST
                self._hang_up()
                if not lost or attempt == LOST_LINKS - 1:
                    raise
                self._session.emit({"event": "wait", "for": "link", "reason": error.problems[0].code})
                self._session.deadline.wait(2.0)
        raise AssertionError

    def left(self) -> str:
        """What a run of ours has left there (`run`, `files` or an empty string)."""
        return str(self.call(lambda setup: setup.left(self._session.deadline)))

    def left_at_once(self) -> str:
        """The same, asked once."""
        return self._opened().left(self._session.deadline)

    def start(self) -> None:
        """Find or fetch the installer and start setup. That it was started is kept before anything is sent."""
        session = self._session
        session.journal.save_facts(session.engagement_id, "setup", {STARTED: server_name(session)})
        options, given = setup_options(session), session.answers.text("setup.installer")
        more = (given,) if given else ()
        installer = self.call(lambda setup: setup.find_installer(session.deadline, more))
        if installer is None:
            self._fetch()
            installer = self.call(lambda setup: setup.find_installer(session.deadline, more))
        if installer is None:
            raise ProblemError(
                Problem(
                    "installer-missing",
                    session.answers.text("server.name"),
                    _("the installer of Unified Setup is not on the server."),
                    remedy=_("Put it into C:\\Temp there, name its path, or answer yes to 'fetch'."),
                )
            )
        self.call(lambda setup: setup.start(options, installer, session.deadline))

    def follow(self) -> None:
        """Say each line of the log until setup has ended, then clean up; ProblemError when it failed."""
        from services.guests.setup_command import EXIT_CODES, WELL
        from services.guests.unified_setup import failure

        session = self._session
        code = self._watched(lambda setup, offset: setup.progress(offset, session.deadline), "setup")
        session.journal.save_facts(
            session.engagement_id, "setup", {EXIT: code, ENDED: session.world.clock.now().isoformat()}
        )
        if code == RESTART:
            session.emit({"event": "setup", "phase": "setup", "line": EXIT_CODES[code]})
        self.clean_up(installer=code in WELL)
        if code not in WELL:
            if code == NOT_REGISTERED:
                require_life(session)
            raise ProblemError(failure(code))

    def clean_up(self, *, installer: bool = True) -> None:
        """Delete what is left there; the installer stays where setup will be tried again."""
        self.call(lambda setup: setup.clean_up(self._session.deadline, installer=installer))

    def _fetch(self) -> None:
        session = self._session
        consent, proxy = session.answers.flag("setup.fetch"), proxy_of(session)
        self.call(lambda setup: setup.start_download(consent, session.deadline, proxy))
        code = self._watched(lambda setup, offset: setup.download_progress(offset, session.deadline), "fetch")
        if code:
            what = _("the server could not fetch the installer (code {code}).").format(code=code)
            remedy = _("Look at its way to the Internet, or put the installer into C:\\Temp there.")
            raise ProblemError(Problem("fetch-failed", server_name(session), what, remedy=remedy))

    def _watched(self, look: Callable[[UnifiedSetup, int], Any], phase: str) -> int:
        session, offset = self._session, 0
        while True:
            progress = self.call(partial(_look_from, look, offset))
            offset = progress.offset
            for line in progress.lines:
                session.emit({"event": "setup", "phase": phase, "line": line})
            if progress.exit_code is not None:
                return int(progress.exit_code)
            session.deadline.wait(max(0.5, session.world.clock.real_seconds(LOG_POLL)))

    def _opened(self) -> UnifiedSetup:
        from services.guests.unified_setup import UnifiedSetup
        from services.guests.winrm import open_winrm

        if self._setup is None:
            session = self._session
            machine = server_machine(session)
            secret = session.secret(
                machine.secret, _("Password of the configuration server"), machine.secret_key
            )
            self._shell = open_winrm(machine, secret, session.world, session.deadline)
            ref = vault_ref(session)
            # By the vault's id: two vaults of one name in two resource groups are two runs.
            engagement = f"{ref.name}/{session.journal.world_id}{ref.id.lower()}"
            self._setup = UnifiedSetup(self._shell, engagement, read_only=session.world.read_only)
        return self._setup

    def _hang_up(self) -> None:
        if self._shell is not None:
            self._shell.close()
        self._shell = self._setup = None


def _look_from(look: Callable[[UnifiedSetup, int], Any], offset: int, setup: UnifiedSetup) -> Any:
    return look(setup, offset)


def server_name(session: Session) -> str:
    """The configuration server's name."""
    return session.answers.text("server.name")
