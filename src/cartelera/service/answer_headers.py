"""The headers every answer carries: what a browser may do with it."""

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


def complete(headers: list[Header], request_id: str) -> list[Header]:
    """Add what is missing to an answer's headers, and leave out which software gave it."""
    found = {name.lower(): value for name, value in headers}
    completed = [header for header in headers if header[0].lower() != _TELLTALE]
    completed.extend(header for header in _ALWAYS if header[0] not in found)
    completed.append((b"x-request-id", request_id.encode()))
    media_type = found.get(b"content-type", b"text/plain")
    if _NOT_KEPT[0] not in found:
        completed.append(_NOT_KEPT if media_type.startswith(_CHANGING) else _KEPT_A_WHILE)
    if _PAGE_POLICY[0] not in found:
        completed.append(_PAGE_POLICY if media_type.startswith(b"text/html") else _DATA_POLICY)
    return completed
