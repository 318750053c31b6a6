"""Answers about the catalogue, kept as the bytes they were sent as.

There are only so many questions about it, and an answer stays the same until a new bundle comes.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartelera.service.middleware import metrics

_MOST_ANSWERS: Final = 4096
_LONGEST_QUERY: Final = 256
_LONGEST_ANSWER: Final = 16_384
_EMPTY: Final = b'{"found":false'


@dataclass(frozen=True, slots=True)
class _Kept:
    start: Message
    body: Message
    is_empty: bool


class AnswerCache:
    """ASGI middleware: answers repeated GET requests of some paths from memory.

    Args:
        app: The application behind it.
        kinds: The kind of answer of each path whose answers depend on the query string alone.
        source: Returns what the answers come from; a new one empties the cache.
    """

    def __init__(self, app: ASGIApp, kinds: Mapping[str, str], source: Callable[[], object]):
        self._app = app
        self._kinds = kinds
        self._source = source
        self._known: OrderedDict[tuple[str, bytes], _Kept] = OrderedDict()
        self._known_from: object = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass on and remember."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in self._kinds:
            await self._app(scope, receive, send)
            return
        source = self._source()
        if source is not self._known_from:
            self._known.clear()
            self._known_from = source
        key: tuple[str, bytes] = (scope["path"], scope["query_string"])
        known = self._known.get(key)
        if known is None:
            await self._answer(key, source, scope, receive, send)
            return
        self._known.move_to_end(key)
        if known.is_empty:
            metrics.count_empty(self._kinds[scope["path"]])
        # Copies: layers outside add what holds for one caller only.
        await send({**known.start})
        await send({**known.body})

    async def _answer(
        self,
        key: tuple[str, bytes],
        source: object,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        messages: list[Message] = []

        async def noted(message: Message) -> None:
            messages.append({**message})
            await send(message)

        await self._app(scope, receive, noted)
        kept = _keep(messages)
        if kept is not None and source is self._known_from and len(key[1]) <= _LONGEST_QUERY:
            self._known[key] = kept
            if len(self._known) > _MOST_ANSWERS:
                self._known.popitem(last=False)


def _keep(messages: list[Message]) -> _Kept | None:
    """Take a whole short answer without an error; None if it is something else."""
    if len(messages) != 2 or messages[0].get("status") != 200:
        return None
    start, body = messages
    content = body.get("body", b"")
    if body.get("more_body", False) or len(content) > _LONGEST_ANSWER:
        return None
    return _Kept(start, body, is_empty=content.startswith(_EMPTY))
