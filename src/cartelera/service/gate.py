"""The door of the native POST endpoints: bad bodies are refused here, in the one JSON shape.

BentoML would refuse them too, but in shapes of its own and with a traceback in the log for each.
"""

from collections.abc import Mapping

from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartelera.service.problems import Refused, from_validation
from cartelera.service.questions import Question

MAX_BODY_BYTES = 64 * 1024
"""The longest sensible question has a few hundred bytes."""

# `curl -d` says form-urlencoded whatever it sends.
_READ_AS_JSON = ("", "application/json", "application/x-www-form-urlencoded", "text/plain")


class Gate:
    """ASGI middleware: checks the bodies of known paths, and gives bare text errors the one shape.

    Args:
        app: The application behind it.
        questions: The parameters of each POST endpoint, by path.
    """

    def __init__(self, app: ASGIApp, questions: Mapping[str, type[Question]]):
        self._app = app
        self._questions = questions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request; pass on any other with its body intact."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        question = self._questions.get(scope["path"]) if scope["method"] == "POST" else None
        if question is None:
            await self._app(scope, receive, _with_one_shape(scope, send))
            return
        try:
            body = await _read(Request(scope, receive))
            _check(question, body)
        except Refused as refused:
            await refused.response()(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self._app(scope, _replay(body, receive), send)


async def _read(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in _READ_AS_JSON:
        raise Refused(415, "The body must be JSON.", ["application/json"])
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, f"The body is longer than {MAX_BODY_BYTES} bytes.")
    return body


def _check(question: type[Question], body: bytes) -> None:
    try:
        question.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise from_validation(error.errors(), question.model_fields) from None


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [body]

    async def replayed() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return replayed


def _with_one_shape(scope: Scope, send: Send) -> Send:
    """Replace a text error such as the router's `Not Found` by JSON."""
    is_replaced = False

    async def shaped(message: Message) -> None:
        nonlocal is_replaced
        if message["type"] == "http.response.start" and message["status"] >= 400:
            headers = Headers(raw=message["headers"])
            if headers.get("content-type", "").startswith("text/plain"):
                is_replaced = True
                await _send_problem(scope, send, message["status"])
        if not is_replaced:
            await send(message)

    return shaped


async def _send_problem(scope: Scope, send: Send, status: int) -> None:
    sentences = {
        404: "Nothing is at this path: /api/docs lists what is.",
        405: f"This path does not take {scope['method']}: /api/docs lists what does.",
        503: "The service is not ready.",
    }
    refused = Refused(status, sentences.get(status, f"The request failed with status {status}."))

    async def no_body() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await refused.response()(scope, no_body, send)
