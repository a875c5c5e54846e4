"""Failed sign-ins: azure-identity wraps what happened, sometimes several times."""

from __future__ import annotations

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from services.problems.azure import from_exception
from services.problems.model import CancelledError, Problem, SignInError


def wrapped(inner: Exception, message: str = "Authentication failed") -> ClientAuthenticationError:
    """What azure-identity raises when `inner` ended its request."""
    try:
        try:
            raise inner
        except Exception as error:
            raise ClientAuthenticationError(message=message) from error
    except ClientAuthenticationError as outer:
        return outer


def test_our_own_answer_comes_out_of_its_wrapping() -> None:
    stopped = CancelledError(Problem("cancelled", "", "Stopped."))
    assert from_exception(wrapped(wrapped(stopped)), "sign-in") is stopped


@pytest.mark.parametrize("where", ["outer", "inner"])
def test_the_code_is_found_wherever_it_stands(where: str) -> None:
    told = "AADSTS90002: Tenant 'x' not found."
    error = wrapped(ValueError(told if where == "inner" else "?"), told if where == "outer" else "?")
    answer = from_exception(error, "sign-in")
    assert isinstance(answer, SignInError)
    assert answer.problems[0].code == "AADSTS90002"
    assert answer.problems[0].remedy


def test_a_broken_connection_is_told_from_a_refused_sign_in() -> None:
    broken = ServiceRequestError("no", error=ConnectionRefusedError(111, "Connection refused"))
    broken.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert from_exception(wrapped(broken), "sign-in").problems[0].code == "refused"


def test_an_unknown_code_keeps_its_text() -> None:
    answer = from_exception(ClientAuthenticationError(message="AADSTS999999: Something new."), "sign-in")
    (problem,) = answer.problems
    assert problem.code == "AADSTS999999"
    assert "Something new" in problem.what
