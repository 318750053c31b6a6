"""The headers every answer carries: what a browser may do with it."""

import re
from typing import Final

Header = tuple[bytes, bytes]

_ALWAYS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_NOT_KEPT: Final[Header] = (b"cache-control", b"no-store")
_KEPT_A_WHILE: Final[Header] = (b"cache-control", b"private, max-age=3600")
_CHANGING: Final = (b"application/json", b"text/html", b"text/plain", b"text/event-stream")

# A page runs its own scripts and styles and talks to this server; nothing else, and in no frame.
_PAGE_POLICY: Final[Header] = (
    b"content-security-policy",
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; "
    b"form-action 'self'; frame-ancestors 'none'",
)
_DATA_POLICY: Final[Header] = (
    b"content-security-policy",
    b"default-src 'none'; frame-ancestors 'none'",
)
_TELLTALE: Final = b"server"
_REDIRECT: Final = b"location"
_THIS_SERVER: Final = re.compile(rb"https?://[^/?#]*/*")


def complete(headers: list[Header], request_id: str, path: str) -> list[Header]:
    """Add what is missing to an answer's headers, and leave out which software gave it.

    Args:
        headers: The headers so far.
        request_id: The id of the request.
        path: What was asked for; redirects are written as seen from there.
    """
    found = {name.lower(): value for name, value in headers}
    completed = [header for header in headers if header[0].lower() != _TELLTALE]
    if _REDIRECT in found:
        completed = [
            (name, _seen_from(path, value) if name.lower() == _REDIRECT else value)
            for name, value in completed
        ]
    completed.extend(header for header in _ALWAYS if header[0] not in found)
    completed.append((b"x-request-id", request_id.encode()))
    media_type = found.get(b"content-type", b"text/plain")
    if _NOT_KEPT[0] not in found:
        completed.append(_NOT_KEPT if media_type.startswith(_CHANGING) else _KEPT_A_WHILE)
    if _PAGE_POLICY[0] not in found:
        completed.append(_PAGE_POLICY if media_type.startswith(b"text/html") else _DATA_POLICY)
    return completed


def _seen_from(path: str, location: bytes) -> bytes:
    """Leave out the host: behind a proxy, only the visitor knows the name and what follows it."""
    if not _THIS_SERVER.match(location):
        return location
    upwards = b"../" * (path.count("/") - 1)
    return (upwards or b"./") + _THIS_SERVER.sub(b"", location, count=1)
