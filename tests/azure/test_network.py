"""What stands between this host and Azure: certificates, proxies, names and routes."""

from __future__ import annotations

import base64
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme

from services.azure.account import account
from services.azure.diagnose import describe, presented
from services.azure.reach import reach
from services.problems.model import Problem, SignInError
from services.world.clouds import PUBLIC
from services.world.deadline import Deadline
from services.world.model import Cloud, World
from tests.azure.servers import Asked, Reply, azure_of, connect_proxy, live_like, serving
from tests.azure.test_arm import nothing


def problem_of(world: World) -> Problem:
    with pytest.raises(SignInError) as caught:
        account(azure_of(world))
    (problem,) = caught.value.problems
    return problem


def elsewhere(world: World, origin: str) -> World:
    return replace(world, clouds={PUBLIC: Cloud(PUBLIC, origin, origin, origin, "core.test")})


def test_a_chain_of_a_company_authority_is_refused_and_named(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        problem = problem_of(live_like(server, tmp_path, ca_file=None))
        assert server.asked == []
    assert problem.code == "tls-untrusted"
    assert "Contoso Inspection" in problem.cause
    assert "trust =" in problem.remedy
    assert "--config" in problem.remedy


def test_the_same_chain_is_believed_once_it_is_named_as_trust(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        account(azure_of(live_like(server, tmp_path)))
        assert len(server.asked) == 2


def test_trust_is_not_taken_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, nothing) as server:
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, str(server.ca_file))
        assert problem_of(live_like(server, tmp_path, ca_file=None)).code == "tls-untrusted"


def test_another_authority_is_not_believed(tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(trustme.CA().cert_pem.bytes())
    with serving(tmp_path, nothing) as server:
        assert problem_of(live_like(server, tmp_path, ca_file=stranger)).code == "tls-untrusted"


def test_an_expired_certificate_shows_its_dates(tmp_path: Path) -> None:
    authority = trustme.CA()
    past = datetime.now(UTC) - timedelta(days=3)
    leaf = authority.issue_cert("localhost", not_before=past - timedelta(days=9), not_after=past)
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(authority.cert_pem.bytes())
    with serving(tmp_path, nothing, leaf) as server:
        problem = problem_of(live_like(server, tmp_path, ca_file=trusted))
    assert problem.code == "tls-expired"
    assert f"{past:%Y-%m-%d}" in problem.cause


def test_a_certificate_for_another_name_shows_that_name(tmp_path: Path) -> None:
    authority = trustme.CA()
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(authority.cert_pem.bytes())
    with serving(tmp_path, nothing, authority.issue_cert("portal.contoso.example")) as server:
        problem = problem_of(live_like(server, tmp_path, ca_file=trusted))
    assert problem.code == "tls-name"
    assert "portal.contoso.example" in problem.cause


def test_a_proxy_that_wants_credentials_is_said_so(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server, connect_proxy("dTpw") as proxy:
        problem = problem_of(live_like(server, tmp_path, proxy=proxy.at()))
        assert server.asked == []
        assert proxy.heads[0].startswith(f"CONNECT localhost:{server.port} ")
    assert problem.code == "proxy-credentials"
    assert problem.what == f"The proxy wants credentials (407): 127.0.0.1:{proxy.port}."
    assert "NO_PROXY" in problem.remedy


def test_credentials_in_the_proxys_address_open_it(tmp_path: Path) -> None:
    wanted = base64.b64encode(b"jump:p@ss").decode()
    with serving(tmp_path, nothing) as server, connect_proxy(wanted) as proxy:
        azure = azure_of(live_like(server, tmp_path, proxy=proxy.at("jump:p%40ss@")))
        account(azure)
        assert azure.arm.list("/subscriptions", "2022-12-01") == []
        assert len(proxy.heads) >= 2
        assert all(f"Proxy-Authorization: Basic {wanted}" in head for head in proxy.heads)


def test_the_chain_behind_a_proxy_is_looked_at_through_it(tmp_path: Path) -> None:
    wanted = base64.b64encode(b"jump:p@ss").decode()
    with serving(tmp_path, nothing) as server, connect_proxy(wanted) as proxy:
        world = live_like(server, tmp_path, ca_file=None, proxy=proxy.at("jump:p%40ss@"))
        assert "Contoso Inspection" in problem_of(world).cause


def test_a_host_that_bypasses_the_proxy_is_reached_directly(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server, connect_proxy("dTpw") as proxy:
        account(azure_of(live_like(server, tmp_path, proxy=proxy.at("", "localhost"))))
        assert proxy.heads == []


def test_a_proxy_of_the_environment_is_not_used_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, nothing) as server, connect_proxy("dTpw") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        account(azure_of(live_like(server, tmp_path)))
        assert proxy.heads == []


def test_a_proxys_password_never_shows(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server, connect_proxy("dTpw") as proxy:
        world = live_like(server, tmp_path, proxy=proxy.at("jump:marker-77aa@"))
        problem = problem_of(world)
    assert "marker-77aa" not in f"{problem!r} {problem.raw} {world!r}"


def test_a_port_where_nothing_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with serving(tmp_path, nothing) as server:
        world = elsewhere(live_like(server, tmp_path), f"https://localhost:{port}")
    problem = problem_of(world)
    assert problem.code == "refused"
    assert f"localhost:{port}" in problem.what


def test_a_name_that_does_not_exist(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        # RFC 2606: never registered.
        world = elsewhere(live_like(server, tmp_path), "https://management.invalid")
    problem = problem_of(world)
    assert problem.code == "dns"
    assert "management.invalid:443" in problem.what


def test_a_network_without_a_route(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        # A broadcast address: the system itself refuses to connect there.
        world = elsewhere(live_like(server, tmp_path), "https://255.255.255.255")
    assert problem_of(world).code == "no-route"


def test_a_chain_can_be_looked_at_without_believing_it(tmp_path: Path) -> None:
    authority = trustme.CA(organization_name="Contoso Root")
    middle = authority.create_child_ca()
    with serving(tmp_path, nothing, middle.issue_cert("localhost")) as server:
        chain = presented("localhost", server.port, live_like(server, tmp_path), Deadline(10))
        assert server.asked == []
    assert len(chain) == 2
    assert chain[0].names == ("localhost",)
    assert chain[0].issuer == chain[1].subject
    assert "Contoso Root" in chain[1].issuer
    assert not chain[0].self_signed
    shown = "\n".join(describe(chain))
    assert chain[1].sha256 in shown
    assert chain[0].pem.startswith("-----BEGIN CERTIFICATE-----")


def test_a_hostile_name_in_a_certificate_is_made_harmless(tmp_path: Path) -> None:
    authority = trustme.CA(organization_name="\x1b[2JContoso")
    with serving(tmp_path, nothing, authority.issue_cert("localhost")) as server:
        chain = presented("localhost", server.port, live_like(server, tmp_path), Deadline(10))
    assert "\x1b" not in "".join(describe(chain))
    assert "Contoso" in chain[0].issuer


def test_a_service_that_answers_is_reached_and_its_clock_read(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        found = reach(server.origin, live_like(server, tmp_path), Deadline(10))
    assert found.problem is None
    assert found.way == "directly"
    assert found.ahead is not None
    assert abs(found.ahead) < 5


def test_a_clock_that_is_off_is_seen_in_the_answers_date(tmp_path: Path) -> None:
    def late(_asked: Asked) -> Reply:
        then = datetime.now(UTC) + timedelta(minutes=7)
        return Reply(401, headers={"Date": format_datetime(then, usegmt=True)})

    with serving(tmp_path, late) as server:
        found = reach(server.origin, live_like(server, tmp_path), Deadline(10))
    assert found.ahead == pytest.approx(420, abs=5)


def test_what_stands_in_the_way_is_shown_with_the_chain(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        found = reach(server.origin, live_like(server, tmp_path, ca_file=None), Deadline(10))
    assert found.problem is not None
    assert found.problem.code == "tls-untrusted"
    assert f"localhost:{server.port}" in found.problem.check
    assert any("Contoso Inspection" in line for line in found.chain)


def test_a_proxy_in_between_is_named_without_its_password(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server, connect_proxy("dTpw") as proxy:
        world = live_like(server, tmp_path, proxy=proxy.at("jump:marker-77ab@"))
        found = reach(server.origin, world, Deadline(10))
    assert found.problem is not None
    assert found.problem.code == "proxy-credentials"
    assert found.way == f"through http://127.0.0.1:{proxy.port}"
    assert "marker-77ab" not in repr(found)
