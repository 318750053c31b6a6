"""Refusing a bad question: one JSON shape for every endpoint."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from cartelera.catalogue.arguments import QueryError
from cartelera.service.parameters import ALLOWED

NO_OBJECT = "The body must be a JSON object with the parameters of this endpoint."

_PLACES = ("query", "path", "body")
LONGEST_NAME = 60


class Problem(BaseModel):
    """Why a question has no answer."""

    error: str = Field(
        description="What is wrong, as a sentence.",
        examples=["`scored` is required."],
    )
    allowed: list[str] | None = Field(
        description="The allowed values, where they can be listed.",
    )


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """A question that gets no answer: a 4xx status, or 503 for what is not possible now.

    Attributes:
        status: The HTTP status.
        problem: The body of the answer.
        headers: Headers of the answer.
    """

    def __init__(
        self,
        status: int,
        error: str,
        allowed: Iterable[object] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(error)
        self.status = status
        self.headers = headers
        self.problem = Problem(
            error=error, allowed=None if allowed is None else [str(value) for value in allowed]
        )

    def response(self) -> JSONResponse:
        """Return the refusal as an HTTP response."""
        return JSONResponse(self.problem.model_dump(), self.status, self.headers)


def from_query(error: QueryError) -> Refused:
    """Turn a query's refusal, whose message names what is allowed, into the service's."""
    return Refused(422, str(error), error.allowed or None)


def from_validation(
    errors: Sequence[Mapping[str, Any]],
    parameters: Iterable[str],
    values: Mapping[str, tuple[str, ...]] = ALLOWED,
) -> Refused:
    """Turn Pydantic's errors into one refusal.

    Args:
        errors: What `ValidationError.errors()` returns; locations may start with `query`.
        parameters: The names the endpoint knows, listed when the first error is an unknown one.
        values: What each parameter may be, listed when its value is wrong.
    """
    first = errors[0]
    location = _location(first)
    if first["type"] == "extra_forbidden":
        allowed = sorted(parameters)
    else:
        allowed = values.get(location[0]) if location else None
    return Refused(
        400 if _is_no_object(first) else 422,
        " ".join(_sentence(error) for error in errors[:5]),
        allowed,
    )


def _location(error: Mapping[str, Any]) -> list[str]:
    """Name the parameter, and where in it the fault is."""
    place, *rest = error["loc"] or ("",)
    return [str(part) for part in (rest if place in _PLACES else error["loc"])]


def _is_no_object(error: Mapping[str, Any]) -> bool:
    return error["type"] == "json_invalid" or not _location(error)


def _sentence(error: Mapping[str, Any]) -> str:
    name = f"`{'.'.join(_location(error))[:LONGEST_NAME]}`"
    if _is_no_object(error):
        return NO_OBJECT
    match error["type"]:
        case "missing":
            return f"{name} is required."
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"{name} should be a JSON object."
        case "too_long":
            return f"{name} should have at most {error['ctx']['max_length']} items."
        case "extra_forbidden":
            return f"{name} is not a parameter of this endpoint."
        case "value_error":
            reason = error["ctx"]["error"]
            return str(reason) if isinstance(reason, QueryError) else f"{name} {reason}."
        case _:
            said = f"{error['msg']}."
            is_about_input = re.match(r"Input |\w+ should ", said)
            return f"{name} {said.split(maxsplit=1)[1]}" if is_about_input else f"{name}: {said}"
