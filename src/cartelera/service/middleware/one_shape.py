"""Every refusal in one shape, whichever layer it comes from: `{error, allowed}`."""

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from starlette.responses import JSONResponse

from cartelera.service.middleware import login
from cartelera.service.problems import NO_OBJECT, Refused

PAGE: Final = "/ui"

_SENTENCES: Final = {
    400: NO_OBJECT,
    404: "Nothing is at this path: /api/docs lists what is.",
    405: "This path does not take this method: /api/docs lists what does.",
    500: "The service failed to answer; its log says why.",
    503: "The service is not ready.",
}
_KEPT: Final = ("allow", "retry-after", "www-authenticate")


def in_one_shape(
    status: int, headers: list[tuple[bytes, bytes]], body: bytes, path: str
) -> JSONResponse | None:
    """Return what to answer instead of an error; None if it is fine as it is.

    Of a 5xx nothing is passed on: whatever it says is about the inside. The page reads its own
    framework's refusals, and the page to log in answers people.
    """
    if status < 500 and (path == login.PATH or path.startswith(f"{PAGE}/")):
        return None
    if _is_problem(body):
        return None
    kept = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in headers
        if name.lower().decode("latin-1") in _KEPT
    }
    return problem(status, kept)


def problem(status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the usual sentence of a status in the one shape, with the methods `Allow` names."""
    sentence = _SENTENCES.get(status, f"The request failed with status {status}.")
    allow = next(
        (value for name, value in (headers or {}).items() if name.lower() == "allow"), None
    )
    methods = None if allow is None else sorted(map(str.strip, allow.split(",")))
    return Refused(status, sentence, methods, headers).response()


def _is_problem(body: bytes) -> bool:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and cast(dict[str, Any], content).keys() == {
        "error",
        "allowed",
    }
