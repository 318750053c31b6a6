"""Validation of the native POST endpoints: bad bodies are refused here, in the one JSON shape.

BentoML would refuse them too, but in shapes of its own and with a traceback in the log for each.
"""

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from cartelera.service.middleware.bodies import replay
from cartelera.service.operations.definition import Question
from cartelera.service.parameters import ALLOWED
from cartelera.service.problems import Refused, from_validation

QUESTION: Final = "cartelera.question"
"""Where the scope holds what a body was read as: nobody has to read it again."""


class RequestValidation:
    """ASGI middleware: checks the bodies of known paths.

    Args:
        app: The application behind it.
        questions: The parameters of each POST endpoint, by path.
        allowed: Returns what each parameter may be just now, by its name.
    """

    def __init__(
        self,
        app: ASGIApp,
        questions: Mapping[str, type[Question]],
        allowed: Callable[[], Mapping[str, tuple[str, ...]]] = lambda: ALLOWED,
    ):
        self._app = app
        self._questions = questions
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request; pass on any other as it was sent, with what it was read as."""
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        kind = self._questions.get(scope["path"]) if is_post else None
        if kind is None:
            await self._app(scope, receive, send)
            return
        try:
            body = await Request(scope, receive).body()
            question = self._read(kind, body)
        except Refused as refused:
            await refused.response()(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            passed_on = {**_as_json(scope), QUESTION: question}
            await self._app(passed_on, replay(body, receive), send)

    def _read(self, kind: type[Question], body: bytes) -> Question:
        try:
            return kind.model_validate_json(body or b"{}")
        except ValidationError as error:
            known = kind.model_fields
            raise from_validation(error.errors(), known, self._allowed()) from None


def _as_json(scope: Scope) -> Scope:
    """Say what the body was found to be: `curl -d` calls it a form, which BentoML believes."""
    headers = [header for header in scope["headers"] if header[0] != b"content-type"]
    return {**scope, "headers": [*headers, (b"content-type", b"application/json")]}
