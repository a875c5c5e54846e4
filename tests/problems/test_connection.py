"""Broken connections are told apart, and it is known whether anything can have been sent."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from azure.core import PipelineClient
from azure.core.pipeline import policies
from azure.core.rest import HttpRequest

from services.problems import connection
from services.problems.azure import from_exception
from services.problems.model import SignInError

Serve = Callable[[socket.socket], None]


@contextmanager
def listening(serve: Serve) -> Iterator[int]:
    """A server that treats each connection with `serve`; gives its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def loop() -> None:
        while True:
            try:
                peer, _address = server.accept()
            except OSError:
                return
            with peer:
                try:
                    serve(peer)
                except OSError:
                    continue

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def _fail(url: str, *, ca: Path | bool = True, proxy: str = "", verb: str = "PUT") -> Exception:
    """The error of one request through azure-core and requests."""
    client = PipelineClient(url, policies=[policies.HeadersPolicy(), policies.RetryPolicy()])
    options = {"proxies": {"https": proxy, "http": proxy}} if proxy else {"proxies": {"no_proxy": "*"}}
    try:
        client.send_request(
            HttpRequest(verb, url, json={"a": 1}),
            retry_total=0,
            connection_timeout=5,
            read_timeout=0.5,
            connection_verify=str(ca) if isinstance(ca, Path) else ca,
            **options,
        )
    except Exception as error:
        return error
    raise AssertionError("the request did not fail")


def _told(error: Exception) -> tuple[str, bool]:
    found = connection.failure(error)
    assert found is not None
    answer = from_exception(error, "Azure")
    assert isinstance(answer, SignInError)
    assert answer.problems[0].code == found.code
    assert answer.problems[0].what
    assert answer.problems[0].remedy
    return found.code, found.unsent


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert _told(_fail(f"http://127.0.0.1:{port}/")) == ("refused", True)


def test_no_such_name() -> None:
    assert _told(_fail("https://vault.invalid/")) == ("dns", True)


def test_no_route() -> None:
    error = OSError(101, "Network is unreachable")
    assert _told(error) == ("no-route", True)


def test_a_reset_may_have_come_after_the_request() -> None:
    def reset(peer: socket.socket) -> None:
        peer.recv(65536)

    with listening(reset) as port:
        assert _told(_fail(f"http://127.0.0.1:{port}/")) == ("connection", False)


def test_silence_after_the_request() -> None:
    release = threading.Event()

    def hold(peer: socket.socket) -> None:
        release.wait(10)

    with listening(hold) as port:
        told = _told(_fail(f"http://127.0.0.1:{port}/"))
        release.set()
    assert told == ("connection", False)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def _tls(certificate: trustme.LeafCert, after: Callable[[ssl.SSLSocket], None] | None = None) -> Serve:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def serve(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as secured:
            if after is not None:
                after(secured)

    return serve


def _bundle(authority: trustme.CA, folder: Path) -> Path:
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def test_an_authority_that_is_not_trusted(authority: trustme.CA) -> None:
    with listening(_tls(authority.issue_cert("localhost"))) as port:
        error = _fail(f"https://localhost:{port}/")
        assert _told(error) == ("tls-untrusted", True)
        assert "proxy" in from_exception(error, "Azure").problems[0].cause


def test_a_certificate_for_another_name(authority: trustme.CA, tmp_path: Path) -> None:
    with listening(_tls(authority.issue_cert("management.example"))) as port:
        error = _fail(f"https://localhost:{port}/", ca=_bundle(authority, tmp_path))
        assert _told(error) == ("tls-name", True)


def test_a_certificate_that_has_run_out(authority: trustme.CA, tmp_path: Path) -> None:
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    with listening(_tls(authority.issue_cert("localhost", not_after=long_ago))) as port:
        error = _fail(f"https://localhost:{port}/", ca=_bundle(authority, tmp_path))
        assert _told(error) == ("tls-expired", True)


def test_a_secured_connection_that_is_cut_after_the_request(authority: trustme.CA, tmp_path: Path) -> None:
    """No close_notify: the SDK calls this a failed request, though the service may have taken it."""

    def cut(secured: ssl.SSLSocket) -> None:
        secured.recv(65536)
        raw = socket.socket(fileno=secured.detach())
        raw.close()

    with listening(_tls(authority.issue_cert("localhost"), cut)) as port:
        error = _fail(f"https://localhost:{port}/", ca=_bundle(authority, tmp_path))
        assert _told(error) == ("connection", False)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
            "proxy-credentials",
        ),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "proxy"),
    ],
)
def test_a_proxy_that_refuses(answer: bytes, code: str) -> None:
    def refuse(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(answer)

    with listening(refuse) as port:
        error = _fail("https://management.azure.com/", proxy=f"http://127.0.0.1:{port}")
        assert _told(error) == (code, True)


def test_a_proxy_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = _fail("https://management.azure.com/", proxy=f"http://127.0.0.1:{port}")
    assert _told(error) == ("proxy", True)


def test_an_error_that_is_no_connection() -> None:
    assert connection.failure(ValueError("x")) is None


def test_every_kind_has_its_words() -> None:
    texts = [connection.explain(connection.Failure(code, True, "raw"), "Azure") for code in connection._TEXTS]
    assert len({problem.what for problem in texts}) == len(texts)
    broken = connection.explain(connection.Failure("connection", False, "bad \x1b[31m {0}"), "Azure")
    assert broken.what == "The connection broke: bad ?[31m {0}"
