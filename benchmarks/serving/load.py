"""A load generator: raw HTTP/1.1 over kept connections, at a fixed rate or as fast as answered.

Latency at a fixed rate is counted from the moment a request was due, not from when it could be
sent: a server that stalls is charged for all that had to wait meanwhile.
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"
_CLOSING = b"\r\nconnection: close"
_LONGEST_S = 60


@dataclass
class Outcome:
    """What a load met with.

    Attributes:
        seconds: How long it lasted.
        latencies: Of each answer, in seconds.
        answers: The status of each request by its number, where they are numbered; 0 stands for
            none: nobody listened, or the connection was closed without an answer.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def statuses(self) -> dict[int, int]:
        """How often each status came."""
        return dict(sorted(Counter(self.answers.values()).items()))

    @property
    def failures(self) -> int:
        """Answers that are no 2xx."""
        return sum(not 200 <= status < 300 for status in self.answers.values())

    def percentile_ms(self, percent: float) -> float:
        """Give a percentile of the latencies, in milliseconds."""
        return float(np.percentile(self.latencies, percent)) * 1000

    def note(self, number: int, status: int, latency: float) -> None:
        """Add an answer."""
        self.answers[number] = status
        self.latencies.append(latency)


def request(path: str, body: bytes | None = None, headers: str = "") -> bytes:
    """Give the bytes of a GET, or of a POST of JSON."""
    head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + (body or b"")


def as_fast_as_answered(
    port: int, requests: Sequence[bytes], seconds: float, connections: int = 8
) -> Outcome:
    """Keep some connections busy: each sends its next request when the last one is answered."""

    async def work() -> Outcome:
        outcome = Outcome()
        source = itertools.cycle(requests)
        clients = [await _connect(port) for _ in range(connections)]
        begin = time.perf_counter()
        end = begin + seconds
        await asyncio.gather(*(_keep_busy(client, source, end, outcome) for client in clients))
        outcome.seconds = time.perf_counter() - begin
        return outcome

    return asyncio.run(work())


def at_rate(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> Outcome:
    """Send so many requests a second, whatever becomes of the earlier ones."""

    async def work() -> Outcome:
        outcome = Outcome()
        idle: list[_Client] = [await _connect(port) for _ in range(4)]
        begin = time.perf_counter() + 0.1
        running: set[asyncio.Task[None]] = set()
        for number, content in zip(range(round(rate * seconds)), itertools.cycle(requests)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(_send_due(port, idle, number, content, due, outcome))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
        outcome.seconds = time.perf_counter() - begin
        return outcome

    return asyncio.run(work())


async def _send_due(
    port: int, idle: "list[_Client]", number: int, content: bytes, due: float, outcome: Outcome
) -> None:
    client = idle.pop() if idle else None
    try:
        if client is None or client.is_closed:
            client = await _connect(port)
        status = await asyncio.wait_for(client.ask(content), _LONGEST_S)
    except OSError:  # nobody listens, or nobody answers in time
        outcome.note(number, 0, time.perf_counter() - due)
        return
    outcome.note(number, status, time.perf_counter() - due)
    if not client.is_closed:
        idle.append(client)


async def _keep_busy(
    client: "_Client", source: Iterator[bytes], end: float, outcome: Outcome
) -> None:
    while (now := time.perf_counter()) < end:
        if client.is_closed:
            client = await _connect(client.port)
        status = await client.ask(next(source))
        outcome.note(len(outcome.answers), status, time.perf_counter() - now)


async def _connect(port: int) -> "_Client":
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: _Client(port), "127.0.0.1", port)
    return client


class _Client(asyncio.Protocol):
    """One connection with one request on it at a time; reads just enough HTTP for that."""

    def __init__(self, port: int):
        self.port = port
        self.is_closed = False
        self._transport: asyncio.Transport
        self._answered: asyncio.Future[int] | None = None
        self._received = b""

    def ask(self, content: bytes) -> asyncio.Future[int]:
        """Send a request; gives the status once the whole answer is there."""
        self._answered = asyncio.get_running_loop().create_future()
        if self.is_closed:
            self._answered.set_result(0)
        else:
            self._transport.write(content)
        return self._answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self.is_closed = True
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(0)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(_END_OF_HEAD)
        if not found or not self._is_whole(head, body):
            return
        self._received = b""
        if _CLOSING in head.lower():
            self.is_closed = True
            self._transport.close()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(int(head[9:12]))

    @staticmethod
    def _is_whole(head: bytes, body: bytes) -> bool:
        lowered = head.lower()
        at = lowered.find(_LENGTH)
        if at < 0:  # chunked
            return body.endswith(b"0\r\n\r\n")
        return len(body) >= int(lowered[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
