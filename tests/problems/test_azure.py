"""Errors of Azure as answers, whatever their bodies look like."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from hypothesis import given
from hypothesis import strategies as st

from services.problems.azure import from_body, from_exception, read_error
from services.problems.known import known
from services.problems.model import Problem, ProblemError, SignInError


class Response:
    """What azure-core puts into its errors."""

    def __init__(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        self.status_code = status
        self.reason = "Reason"
        self.headers = headers or {}
        self._body = body

    def text(self, _encoding: str | None = None) -> str:
        return self._body

    def body(self) -> bytes:
        return self._body.encode()


def _raised(status: int, body: Any, headers: dict[str, str] | None = None) -> ProblemError:
    text = body if isinstance(body, str) else json.dumps(body)
    return from_exception(HttpResponseError(response=Response(status, text, headers)), "vault")


NOT_FOUND = {
    "error": {
        "code": "NotFound",
        "message": "Specified resource with name 'x' does not exist.",
        "details": [
            {
                "code": "ArmResourceDoesNotExist",
                "message": "Specified resource with name 'x' does not exist.",
                "possibleCauses": "The resource might have been deleted.",
                "recommendedAction": "Refresh the page.",
                "clientRequestId": "c-1",
                "activityId": "a-1",
            }
        ],
    }
}


def test_a_body_of_site_recovery() -> None:
    problem = _raised(404, NOT_FOUND).problems[0]
    assert (problem.code, problem.subject) == ("NotFound", "vault")
    assert problem.what == "Specified resource with name 'x' does not exist."
    assert problem.cause == "The resource might have been deleted."
    assert problem.remedy == "Refresh the page."
    assert problem.request_id == "a-1"
    assert json.loads(problem.raw) == NOT_FOUND


def test_what_the_body_does_not_say_comes_from_the_known_errors() -> None:
    entry = known("AuthorizationFailed")
    assert entry is not None
    body = {"error": {"code": "AuthorizationFailed", "message": "no"}}
    problem = _raised(403, body, {"x-ms-correlation-request-id": "r-1"}).problems[0]
    assert (problem.cause, problem.remedy, problem.source) == (entry.cause, entry.fix, entry.source)
    assert problem.request_id == "r-1"


def test_a_401_is_a_matter_of_sign_in() -> None:
    found = _raised(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "old"}})
    assert isinstance(found, SignInError)
    assert not isinstance(_raised(403, {"error": {"code": "AuthorizationFailed"}}), SignInError)


def test_sign_in_errors_have_their_number() -> None:
    text = "Authentication failed: AADSTS7000222: The provided client secret keys for app 'x' are expired.\nTrace"
    found = from_exception(ClientAuthenticationError(text), "sign-in")
    assert isinstance(found, SignInError)
    assert found.problems[0].code == "AADSTS7000222"
    assert found.problems[0].remedy == "Make a new secret, or use a certificate."
    unknown = from_exception(ClientAuthenticationError("something new\nmore"), "sign-in").problems[0]
    assert (unknown.code, unknown.what) == ("sign-in", "something new")


@pytest.mark.parametrize(
    "body", ["<html>bad gateway</html>", "", "[]", "null", '"text"', "{}", '{"error": null}']
)
def test_a_body_of_no_use_leaves_the_status(body: str) -> None:
    problem = _raised(502, body).problems[0]
    assert problem.code == "http-502"
    assert "502" in problem.what


def test_an_answer_stays_what_it_is() -> None:
    answer = ProblemError(Problem("x", "y", "z"))
    assert from_exception(answer, "other") is answer


def test_something_else_is_named_by_its_kind() -> None:
    problem = from_exception(ValueError("secret stuff"), "x").problems[0]
    assert (problem.code, problem.raw) == ("unexpected", "secret stuff")
    assert "secret stuff" not in problem.sentence()


def test_foreign_text_is_made_harmless() -> None:
    problem = _raised(400, {"error": {"code": "C\x1b[2J", "message": "a\x1b]0;x\x07\nb\u202e"}}).problems[0]
    assert (problem.code, problem.what) == ("C?[2J", "a?]0;x? b?")


def test_known_errors_are_found_by_their_words() -> None:
    found = known("0x0", text="... error: SAML token is invalid (x)")
    assert found is not None
    assert "ACS50008" in found.codes
    assert known("no-such-code", text="nothing") is None
    assert known("authorizationfailed") == known("AuthorizationFailed")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["error", "code", "message", "details", "innererror", "possibleCauses", "activityId"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON, st.integers(100, 599))
def test_any_body_gives_an_answer(body: Any, status: int) -> None:
    problem = from_body(body, "x", status)
    assert problem.code
    assert problem.what
    assert all(character.isprintable() for character in problem.what + problem.cause + problem.remedy)


def test_a_body_that_holds_itself_ends() -> None:
    body: dict[str, Any] = {"code": "a", "message": "b"}
    body["details"] = [body, body]
    assert read_error(body).codes == ("a",)
