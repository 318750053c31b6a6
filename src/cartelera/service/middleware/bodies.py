"""How bodies arrive: whole, no longer than they may be, in time, and a few at a time.

A body is read to its end before the application sees the request, so that a slow sender occupies
no thread and no place among the requests in progress, and a wrong length is found before anything
is done.
"""

import asyncio
from collections import Counter
from typing import Final

from starlette.types import Message, Receive, Scope

from cartelera.service.middleware.addresses import address_of
from cartelera.service.problems import Refused
from cartelera.service.service_settings import ServiceSettings

MOST_OF_ONE_CALLER: Final = 32
MOST_BYTES: Final = 1 << 26

_LATER: Final = {"Retry-After": "1"}


class Bodies:
    """Reads bodies.

    Args:
        settings: The longest a body may be and take.
    """

    def __init__(self, settings: ServiceSettings):
        self._longest = settings.max_body_bytes
        self._timeout_s = settings.body_timeout_s
        self._n_proxies = settings.n_proxies
        self._arriving: Counter[str] = Counter()
        self._n_bytes = 0

    async def read(self, scope: Scope, receive: Receive) -> Receive:
        """Read the body of a request.

        Returns:
            What gives it to the application.

        Raises:
            Refused: If it is too long or too slow, or too many others are on their way.
        """
        headers = dict(scope["headers"])
        if b"transfer-encoding" not in headers:
            length = int(headers.get(b"content-length", b"0"))
            if length == 0:
                return receive
            if length > self._longest:
                raise self._too_long()
        caller = address_of(scope, self._n_proxies)
        if self._arriving[caller] >= MOST_OF_ONE_CALLER:
            raise Refused(429, "Too many bodies of yours are still arriving.", headers=_LATER)
        self._arriving[caller] += 1
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout_s):
                is_whole = await self._collect(receive, body)
        except TimeoutError:
            raise Refused(408, "The body took too long to arrive.") from None
        finally:
            self._n_bytes -= len(body)
            self._arriving[caller] -= 1
            if not self._arriving[caller]:
                del self._arriving[caller]
        return replay(bytes(body), receive) if is_whole else receive

    async def _collect(self, receive: Receive, body: bytearray) -> bool:
        """Collect the parts; False if the sender is gone before the end."""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            part = message.get("body", b"")
            body += part
            self._n_bytes += len(part)
            if len(body) > self._longest:
                raise self._too_long()
            if not message.get("more_body", False):
                return True
            if self._n_bytes > MOST_BYTES:
                raise Refused(503, "Too many bodies are still arriving.", headers=_LATER)

    def _too_long(self) -> Refused:
        return Refused(413, f"The body is longer than {self._longest} bytes.")


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a body that was read already once more, then whatever comes after it."""
    pending = [body]

    async def replayed() -> Message:
        if pending:
            return {"type": "http.request", "body": pending.pop(), "more_body": False}
        return await receive()

    return replayed
