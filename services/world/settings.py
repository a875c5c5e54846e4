"""The host's network as the user has set it: one table, with where each value came from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.proxy import Proxy

TIME_SERVERS = ("time.windows.com", "time.nist.gov")
DEFAULT = "default"
KEYS = ("proxy", "no-proxy", "trust", "winrm-trust", "time-servers")
ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "proxy": ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"),
    "no-proxy": ("NO_PROXY", "no_proxy"),
    "trust": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"),
    "winrm-trust": (),
    "time-servers": (),
}


@dataclass(frozen=True)
class Row:
    """One line of the table: the setting, its value as it may be shown, and where that came from."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True)
class Settings:
    """What this host needs to reach Azure. `rows` is the table that `doctor` shows."""

    proxy: Proxy | None = None
    trust_bundle: Path | None = None
    winrm_trust: Path | None = None
    time_servers: tuple[str, ...] = TIME_SERVERS
    rows: tuple[Row, ...] = field(default=())


def config_file() -> Path:
    """Where the settings stand if no --config names another file."""
    import platformdirs  # only where it is needed: the first frame does not

    return Path(platformdirs.user_config_dir("lifeboat")) / "config.toml"


def load(environment: Mapping[str, str], given: Path | None = None) -> Settings:
    """The settings: the configuration file goes before the environment, and that before the defaults.

    A file that was named must exist; ProblemError names every mistake in it.
    """
    path = given or config_file()
    written = _read(path, required=given is not None)
    chosen = {key: _chosen(key, written, path, environment) for key in KEYS}
    proxy = _proxy(chosen["proxy"], chosen["no-proxy"])
    bundle, winrm = _bundle(chosen["trust"]), _bundle(chosen["winrm-trust"])
    servers = _names(chosen["time-servers"][0]) or TIME_SERVERS
    shown = {
        "proxy": proxy.shown if proxy else _("none"),
        "no-proxy": ", ".join(proxy.bypass) if proxy and proxy.bypass else _("none"),
        "trust": str(bundle) if bundle else _("the system's store"),
        "winrm-trust": str(winrm) if winrm else _("the system's store"),
        "time-servers": ", ".join(servers),
    }
    rows = tuple(Row(key, shown[key], chosen[key][1]) for key in KEYS)
    return Settings(proxy, bundle, winrm, servers, rows)


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    """The table [network] of the file; an absent file that nobody named is empty."""
    if not required and not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("network", {})
    except OSError as error:
        raise _wrong(
            path, _("cannot be read: {reason}.").format(reason=error.strerror or str(error))
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, _("is no TOML: {reason}.").format(reason=error)) from error
    if not isinstance(table, dict):
        raise _wrong(path, _("[network] must be a table."))
    unknown = sorted(set(table) - set(KEYS))
    if unknown:
        raise _wrong(
            path,
            _("[network] has unknown keys: {unknown}. Known: {known}.").format(
                unknown=", ".join(unknown), known=", ".join(KEYS)
            ),
        )
    return table


def _chosen(key: str, written: Mapping[str, Any], path: Path, env: Mapping[str, str]) -> tuple[str, str]:
    """The value of a setting as text, and where it came from."""
    if key in written:
        value = written[key]
        text = ",".join(map(str, value)) if isinstance(value, list) else value
        if not isinstance(text, str):
            raise _wrong(path, _("{key} must be text or a list of texts.").format(key=key))
        return text.strip(), str(path)
    for name in ENVIRONMENT[key]:
        if env.get(name, "").strip():
            return env[name].strip(), _("environment {name}").format(name=name)
    return "", DEFAULT


def _proxy(url: tuple[str, str], bypass: tuple[str, str]) -> Proxy | None:
    value, origin = url
    if not value:
        return None
    if "://" not in value:
        value = f"http://{value}"
    if not value.startswith(("http://", "https://")):
        raise _wrong(
            origin,
            _("the proxy must be an http:// or https:// address, not {kind}.").format(
                kind=value.partition(":")[0]
            ),
        )
    return Proxy(value, _names(bypass[0]))


def _bundle(chosen: tuple[str, str]) -> Path | None:
    value, origin = chosen
    if not value or (value == "system"):
        return None
    path = Path(value).expanduser()
    if not path.is_file():
        raise _wrong(origin, _("the trust bundle {path} is not a file.").format(path=path))
    return path


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _wrong(where: object, why: str) -> ProblemError:
    return ProblemError(Problem("settings", str(where), why))
