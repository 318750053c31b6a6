"""The calls the page's script makes: only those the page has, with as many values as it sends."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cartelera.service.middleware.bodies import replay
from cartelera.service.problems import Refused


class CheckedCalls:
    """ASGI application: refuses a call that Gradio would fail on, and passes the others on.

    Args:
        app: Gradio's application.
        n_values: How many values each call sends, by its number.
    """

    def __init__(self, app: ASGIApp, n_values: Mapping[int, int]):
        self._app = app
        self._n_values = n_values

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        body = await Request(scope, receive).body()
        if not self._is_known(body):
            await _refusal()(scope, receive, send)
            return
        await self._app(scope, replay(body, receive), send)

    def _is_known(self, body: bytes) -> bool:
        try:
            call: Any = json.loads(body)
            # Half of a pair of surrogates is text that no answer can repeat.
            json.dumps(call, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return False
        if not isinstance(call, dict):
            return False
        number, values = call.get("fn_index"), call.get("data")
        if type(number) is not int or not isinstance(values, list):
            return False
        return len(values) == self._n_values.get(number, -1)


def _refusal() -> JSONResponse:
    return Refused(422, "The page makes no such call: load it again.").response()
