"""How much one caller may ask, and how much the service takes on at a time."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartelera.service.middleware.bodies import Bodies
from cartelera.service.problems import Refused
from cartelera.service.service_settings import ServiceSettings

HEALTH_PATHS = frozenset({"/livez", "/readyz"})


class TokenBuckets:
    """A bucket of tokens for each caller; a request takes one, time brings them back.

    Args:
        per_second: Tokens that come back each second.
        burst: Tokens in a full bucket.
        most_callers: Beyond so many, whoever has been away for longest starts afresh.
        clock: Gives the time in seconds.
    """

    def __init__(
        self,
        per_second: float,
        burst: int,
        most_callers: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._per_second = per_second
        self._burst = float(burst)
        self._most_callers = most_callers
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Take a token if there is one.

        Returns:
            0 if a token was taken, otherwise the seconds until there will be one.
        """
        now = self._clock()
        tokens = self._tokens(caller, now)
        if tokens < 1:
            return (1 - tokens) / self._per_second
        self._buckets[caller] = (tokens - 1, now)
        self._buckets.move_to_end(caller)
        if len(self._buckets) > self._most_callers:
            self._buckets.popitem(last=False)
        return 0.0

    def _tokens(self, caller: str, now: float) -> float:
        tokens, since = self._buckets.get(caller, (self._burst, now))
        return min(self._burst, tokens + (now - since) * self._per_second)


class Limits:
    """ASGI middleware: refuses more than can be handled, and bodies that are too long or slow.

    A request is in progress from when its body is there until its answer begins. Neither senders
    nor readers that take their time keep others out.

    Args:
        app: The application behind it.
        settings: The limits.
    """

    def __init__(self, app: ASGIApp, settings: ServiceSettings):
        self._app = app
        self._bodies = Bodies(settings)
        self._most = settings.max_in_progress
        self._timeout_s = settings.timeout_s
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request; pass on any other with its body."""
        if scope["type"] != "http" or scope["path"] in HEALTH_PATHS:
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(scope, await self._bodies.read(scope, receive), send)
        except Refused as refused:
            await refused.response()(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._in_progress >= self._most:
            raise Refused(503, "Too many requests are in progress.", headers={"Retry-After": "1"})
        self._in_progress += 1
        has_started = False
        deadline = asyncio.timeout(self._timeout_s)

        async def started(message: Message) -> None:
            nonlocal has_started
            if not has_started:
                has_started = True
                self._in_progress -= 1
                if not deadline.expired():
                    deadline.reschedule(None)  # a stream may go on for as long as it likes
            await send(message)

        try:
            async with deadline:
                await self._app(scope, receive, started)
        except TimeoutError:
            if has_started or not deadline.expired():
                raise
            raise Refused(504, "The answer took too long.") from None
        finally:
            if not has_started:
                self._in_progress -= 1


def too_many(wait_s: float) -> Refused:
    """Refuse a caller for so many seconds."""
    headers = {"Retry-After": str(math.ceil(wait_s))}
    return Refused(429, "Too many requests: wait before the next one.", headers=headers)
