"""The host's network settings: which value wins, and where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.problems.model import ProblemError
from services.world.proxy import Proxy
from services.world.settings import TIME_SERVERS, Settings, load


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def origin(settings: Settings, name: str) -> str:
    return next(row.origin for row in settings.rows if row.name == name)


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))


def test_without_anything_set_the_defaults_hold() -> None:
    settings = load({})
    assert settings.proxy is None
    assert settings.trust_bundle is None
    assert settings.time_servers == TIME_SERVERS
    assert {row.origin for row in settings.rows} == {"default"}


def test_the_environment_is_taken_and_named() -> None:
    settings = load({"https_proxy": "proxy.example:3128", "NO_PROXY": "localhost, .contoso.example"})
    assert settings.proxy is not None
    assert settings.proxy.url == "http://proxy.example:3128"
    assert settings.proxy.bypass == ("localhost", ".contoso.example")
    assert origin(settings, "proxy") == "environment https_proxy"
    assert origin(settings, "no-proxy") == "environment NO_PROXY"


def test_the_file_goes_before_the_environment(tmp_path: Path) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("-")
    path = written(
        tmp_path,
        f'[network]\nproxy = "http://one.example:8080"\nno-proxy = ["a", "b"]\ntrust = "{bundle}"\n'
        'time-servers = ["ntp.contoso.example"]\n',
    )
    environment = {"HTTPS_PROXY": "http://two.example", "SSL_CERT_FILE": "/dev/null"}
    settings = load(environment, path)
    assert settings.proxy is not None
    assert settings.proxy.shown == "http://one.example:8080"
    assert settings.proxy.bypass == ("a", "b")
    assert settings.trust_bundle == bundle
    assert settings.time_servers == ("ntp.contoso.example",)
    assert {row.origin for row in settings.rows if row.name != "winrm-trust"} == {str(path)}


def test_the_file_in_the_platforms_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.world.settings import config_file

    config_file().parent.mkdir(parents=True)
    config_file().write_text('[network]\nproxy = "http://here.example"\n')
    assert origin(load({}), "proxy") == str(config_file())


def test_the_proxys_password_does_not_stand_in_the_table() -> None:
    settings = load({"HTTPS_PROXY": "http://jump:marker-3d@proxy.example:3128"})
    assert next(row.value for row in settings.rows if row.name == "proxy") == "http://proxy.example:3128"
    assert "marker-3d" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[network", "TOML"),
        ("network = 3", "table"),
        ('[network]\nproxie = "x"\n', "proxie"),
        ("[network]\nproxy = 3\n", "proxy"),
        ('[network]\nproxy = "socks5://x:1080"\n', "socks5"),
        ('[network]\ntrust = "/nowhere/at-all.pem"\n', "/nowhere/at-all.pem"),
    ],
)
def test_a_mistake_names_the_file_and_the_thing(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ProblemError) as caught:
        load({}, path)
    (problem,) = caught.value.problems
    assert problem.subject == str(path)
    assert said in problem.what


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        load({}, tmp_path / "missing.toml")
    assert "No such file" in caught.value.problems[0].what


def test_a_broken_bundle_of_the_environment_is_named_by_its_variable() -> None:
    with pytest.raises(ProblemError) as caught:
        load({"SSL_CERT_FILE": "/nowhere/at-all.pem"})
    assert "SSL_CERT_FILE" in caught.value.problems[0].subject


@pytest.mark.parametrize(
    ("entry", "host", "port", "serves"),
    [
        ("*", "management.azure.com", 443, False),
        ("azure.com", "management.azure.com", 443, False),
        (".azure.com", "management.azure.com", 443, False),
        ("*.azure.com", "management.azure.com", 443, False),
        ("AZURE.com", "Management.Azure.Com", 443, False),
        ("zure.com", "management.azure.com", 443, True),
        ("azure.com:8443", "management.azure.com", 443, True),
        ("azure.com:443", "management.azure.com", 443, False),
        ("10.0.0.0/8", "10.1.0.5", 443, False),
        ("10.0.0.0/8", "11.1.0.5", 443, True),
        ("10.1.0.5", "10.1.0.5", 443, False),
        ("10.1.0.5", "110.1.0.5", 443, True),
        ("10.1.0.5:443", "10.1.0.5", 443, False),
        ("10.1.0.5:443", "10.1.0.5", 80, True),
        ("fd00::/8", "[fd00::1]", 443, False),
        ("10.0.0.0/8", "fd00::1", 443, True),
        ("", "management.azure.com", 443, True),
    ],
)
def test_who_goes_through_the_proxy(entry: str, host: str, port: int, serves: bool) -> None:
    assert Proxy("http://proxy.example", (entry,)).serves(host, port) is serves
