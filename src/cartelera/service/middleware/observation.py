"""The outermost layer: counts and logs every request, and gives every answer its last touch."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Collection
from typing import Any, Final

from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartelera.service.middleware import metrics, request_log
from cartelera.service.middleware.access_control import METHODS
from cartelera.service.middleware.answer_headers import Header, complete
from cartelera.service.middleware.limits import HEALTH_PATHS
from cartelera.service.middleware.one_shape import PAGE, in_one_shape, problem
from cartelera.service.middleware.stopping import Stop
from cartelera.service.service_settings import ServiceSettings

logger = logging.getLogger(__name__)

ELSEWHERE: Final = "other"
"""The route of a request that leads nowhere: its path is the caller's choice, and no label."""

_GIVEN_ID: Final = re.compile(rb"[A-Za-z0-9._\-]{1,64}")
_STREAM: Final = b"text/event-stream"
_LAST: Final[Header] = (b"connection", b"close")


class Observer:
    """ASGI middleware around everything else.

    BentoML puts layers of its own around a service's: a trace of every request, a log and counters
    with the raw path in them, and a timer that outlives its request. At its start this one takes
    their place; what they are there for is done here and in `limits`, at a tenth of the cost.

    Args:
        app: The application behind it.
        settings: The settings.
        paths: Routes without parameters, which may be answered before any router has seen them.

    Attributes:
        stop: Ends what is in progress when the process is to end.
    """

    def __init__(self, app: ASGIApp, settings: ServiceSettings, paths: Collection[str] = ()):
        self._app = app
        self._has_log = settings.request_log
        self._paths = frozenset(paths)
        self.stop = Stop(settings.stop_timeout_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and an answer back."""
        match scope["type"]:
            case "http":
                await self._observe(scope, receive, send)
            case "lifespan":
                self._start(scope)
                await self._app(scope, receive, send)
            case _:
                await self._app(scope, receive, send)

    def _start(self, scope: Scope) -> None:
        request_log.set_up()
        self.stop.listen()
        if "app" in scope:
            scope["app"].middleware_stack = self

    async def _observe(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        # The server leaves out the body of whatever answers HEAD.
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        metrics.IN_PROGRESS.inc()
        task = self.stop.enter()
        reply = _Reply(scope, send, self.stop, task)
        try:
            await self._app(asked, receive, reply.send)
        except asyncio.CancelledError:
            if not self.stop.has_ended(task):
                raise
            await reply.end(503)
        except Exception:
            logger.exception("Request %s failed.", reply.request_id)
            await reply.end(500)
        finally:
            self.stop.leave(task)
            metrics.IN_PROGRESS.dec()
            self._note(scope["method"], asked, reply, time.perf_counter() - began)

    def _note(self, method: str, scope: Scope, reply: "_Reply", seconds: float) -> None:
        method = method if method in METHODS else ELSEWHERE
        route = self._route_of(scope)
        metrics.count_request(method, route, reply.status, None if reply.is_stream else seconds)
        is_probe = scope["path"] in HEALTH_PATHS and reply.status == 200
        if self._has_log and not is_probe:
            request_log.log_request(method, route, reply.status, seconds, reply.request_id)

    def _route_of(self, scope: Scope) -> str:
        """Name the route as the code writes it, without the values in it."""
        path: str = scope["path"]
        if path in self._paths:
            return path
        if path == PAGE or path.startswith(f"{PAGE}/"):
            return PAGE
        route = scope.get("route")
        if route is None:
            return ELSEWHERE
        root = "" if isinstance(route, Mount) else scope.get("root_path", "")
        return f"{root}{route.path}"


class _Reply:
    """The way of one answer back: completes its headers, and puts an error into the one shape."""

    def __init__(self, scope: Scope, send: Send, stop: Stop, task: asyncio.Task[Any]):
        self.request_id = _request_id(scope["headers"])
        self.status = 0
        self.is_stream = False
        self._scope = scope
        self._send = send
        self._stop = stop
        self._task = task
        self._has_started = False
        self._is_over = False
        self._error: Message | None = None
        self._error_body = b""

    async def send(self, message: Message) -> None:
        """Send a message of the application on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status >= 400:
                self._error = message
                return
            await self._begin(message)
        elif self._error is not None:
            self._error_body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_error(self._error, self._error_body)
        else:
            self._is_over = not message.get("more_body", False)
            await self._send(message)

    async def end(self, status: int) -> None:
        """Finish an answer that the application left unfinished."""
        if self._is_over:
            return
        if self._has_started:
            await self._send({"type": "http.response.body", "body": b""})
            return
        response = problem(status)
        await self._send_error(
            {"type": "http.response.start", "status": status, "headers": response.raw_headers},
            bytes(response.body),
        )

    async def _begin(self, message: Message) -> None:
        headers: list[Header] = list(message.get("headers", ()))
        if any(name == b"content-type" and value.startswith(_STREAM) for name, value in headers):
            self.is_stream = True
            self._stop.is_stream(self._task)
        self._has_started = True
        headers = complete(headers, self.request_id, self._scope["path"])
        if self._stop.is_stopping:
            headers.append(_LAST)  # or the next question would come when nobody listens any more
        await self._send({**message, "headers": headers})

    async def _send_error(self, start: Message, body: bytes) -> None:
        self._error = None
        self.status = start["status"]
        headers: list[Header] = list(start.get("headers", ()))
        shaped = in_one_shape(self.status, headers, body, self._scope["path"])
        if shaped is not None:
            start = {**start, "headers": shaped.raw_headers}
            body = bytes(shaped.body)
        await self._begin(start)
        self._is_over = True
        await self._send({"type": "http.response.body", "body": body})


def _request_id(headers: list[Header]) -> str:
    """Take the id a caller or proxy gave, if it is a plain one, or make one up."""
    for name, value in headers:
        if name == b"x-request-id" and _GIVEN_ID.fullmatch(value):
            return value.decode()
    return secrets.token_hex(8)
