"""The door of the native POST endpoints: bad bodies are refused here, in the one JSON shape.

BentoML would refuse them too, but in shapes of its own and with a traceback in the log for each.
"""

from collections.abc import Callable, Mapping

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from cartelera.service.allowed import ALLOWED
from cartelera.service.api.questions import Question
from cartelera.service.middleware.bodies import replay
from cartelera.service.problems import Refused, from_validation


class Gate:
    """ASGI middleware: checks the bodies of known paths.

    Args:
        app: The application behind it.
        questions: The parameters of each POST endpoint, by path.
        allowed: Gives what each parameter may be just now, by its name.
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
        """Answer a refused request; pass on any other with its body intact."""
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        question = self._questions.get(scope["path"]) if is_post else None
        if question is None:
            await self._app(scope, receive, send)
            return
        try:
            body = await Request(scope, receive).body()
            self._check(question, body)
        except Refused as refused:
            await refused.response()(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self._app(_as_json(scope), replay(body, receive), send)

    def _check(self, question: type[Question], body: bytes) -> None:
        try:
            question.model_validate_json(body or b"{}")
        except ValidationError as error:
            known = question.model_fields
            raise from_validation(error.errors(), known, self._allowed()) from None


def _as_json(scope: Scope) -> Scope:
    """Say what the body was found to be: `curl -d` calls it a form, which BentoML believes."""
    headers = [header for header in scope["headers"] if header[0] != b"content-type"]
    return {**scope, "headers": [*headers, (b"content-type", b"application/json")]}
