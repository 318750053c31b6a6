"""Access control: which requests may come in at all, and whose.

Livez, readyz and the page to log in are open; where a key is set, all else needs it. It comes as
`Authorization: Bearer KEY` or `X-API-Key: KEY`, or as the cookie the login page gives a browser.
"""

import re
from typing import Final

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cartelera.service.middleware import login
from cartelera.service.middleware.addresses import address_of
from cartelera.service.middleware.bodies import Bodies
from cartelera.service.middleware.keys import Keys
from cartelera.service.middleware.limits import HEALTH_PATHS, TokenBuckets, too_many
from cartelera.service.problems import Refused
from cartelera.service.service_settings import ServiceSettings

METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "POST")
MOST_HEADERS: Final = 100
MOST_HEADER_BYTES: Final = 32_768
LONGEST_PATH: Final = 255
LONGEST_QUERY: Final = 16_384

# A wrong key costs a token: five at once, then one every ten seconds.
_FAILURES_PER_S: Final = 0.1
_FAILURES_AT_ONCE: Final = 5

# `curl -d` says form-urlencoded whatever it sends. Everything else, pickles first of all, is none
# of the formats this service reads.
_MEDIA_TYPES: Final = (
    b"",
    b"application/json",
    b"application/x-www-form-urlencoded",
    b"text/plain",
)
_UNSAFE: Final = b"pickle"
_CAN_ANSWER: Final = "websocket.http.response"
_CLOSE: Final = {"Connection": "close"}
_PORT: Final = re.compile(r":\d+$")
_SAME_SITE: Final = (b"same-origin", b"none")

Headers = dict[bytes, bytes]


class AccessControl:
    """ASGI middleware: refuses what no part of the service takes, who has no key or asks too often.

    Args:
        app: The application behind it.
        settings: Origins, proxies and rates.
        keys: The API keys; None opens the service to all.
    """

    def __init__(self, app: ASGIApp, settings: ServiceSettings, keys: Keys | None):
        self._app = app
        self._keys = keys
        self._n_proxies = settings.n_proxies
        self._origins = frozenset(settings.cors_origins)
        self._hosts = frozenset(settings.allowed_hosts)
        self._bodies = Bodies(settings)
        self._failures = TokenBuckets(_FAILURES_PER_S, _FAILURES_AT_ONCE)
        self._requests = (
            TokenBuckets(settings.requests_per_s, settings.burst)
            if settings.requests_per_s
            else None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            headers = _check_shape(scope)
            self._check_origin(scope, headers)
            if scope["path"] in HEALTH_PATHS:
                is_admitted = True
            else:
                self._check_host(headers)
                is_admitted = await self._admit(scope, receive, send, headers)
        except Refused as refused:
            await _refuse(refused, scope, receive, send)
        else:
            if is_admitted:
                await self._app(scope, receive, send)

    def _check_host(self, headers: Headers) -> None:
        """Refuse who came by a name that is not this service's, where no key protects it.

        A foreign page can have its own name lead to this address (DNS rebinding): its browser then
        takes the answers for that page's own, but still says the name.
        """
        if self._keys or "*" in self._hosts:
            return
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if _PORT.sub("", host) not in self._hosts:
            allowed = sorted(self._hosts)
            raise Refused(421, "`serve.allowed_hosts` does not name this host.", allowed)

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        """Refuse what a foreign page makes a browser send, as far as it could change anything.

        Browsers say where a request comes from; other programs say nothing and are let through.
        """
        origin = headers.get(b"origin")
        if origin is None or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return
        if "*" in self._origins or origin.decode("latin-1") in self._origins:
            return
        site = headers.get(b"sec-fetch-site")
        host = headers.get(b"x-forwarded-host") if self._n_proxies else None
        is_own = (
            site in _SAME_SITE
            if site is not None
            else _host_of(origin) == (host or headers.get(b"host", b""))
        )
        if not is_own:
            raise Refused(403, "Pages of another site may not send this.")

    async def _admit(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> bool:
        """Tell whether a request may go on; False if it was answered here.

        Raises:
            Refused: If the key is missing or wrong, or the caller asks too often.
        """
        caller = address_of(scope, self._n_proxies)
        if self._keys:
            if scope["path"] in login.PATHS:
                page = login.LoginPage(
                    self._keys, self._failures, caller, self._is_https(scope, headers)
                )
                await page(scope, await self._bodies.read(scope, receive), send)
                return False
            number = self._number_of_key(self._keys, headers, caller)
            if number is None:
                if not _wants_page(scope, headers):
                    raise _keyless("A key is needed: `Authorization: Bearer KEY`.")
                await RedirectResponse(login.address_from(scope), 303)(scope, receive, send)
                return False
            caller = f"key {number}"
        if self._requests and (wait_s := self._requests.take(caller)):
            raise too_many(wait_s)
        return True

    def _number_of_key(self, keys: Keys, headers: Headers, address: str) -> int | None:
        presented = _presented(headers)
        if presented is None:
            return keys.find_session(login.cookie_of(headers))
        number = keys.find(presented)
        if number is None:
            if wait_s := self._failures.take(address):
                raise too_many(wait_s)
            raise _keyless("The key is wrong.")
        return number

    def _is_https(self, scope: Scope, headers: Headers) -> bool:
        if scope["scheme"] in ("https", "wss"):
            return True
        return bool(self._n_proxies) and headers.get(b"x-forwarded-proto") == b"https"


def _check_shape(scope: Scope) -> Headers:
    """Return the headers of a request that some part of the service may take.

    Raises:
        Refused: If none does.
    """
    if scope["type"] == "websocket":
        raise Refused(404, "Nothing here speaks WebSocket.")
    if scope["method"] not in METHODS:
        allow = {"Allow": ", ".join(METHODS)}
        raise Refused(405, "This method is not taken here.", METHODS, allow)
    # In bytes: names of files are looked up by their bytes.
    if len(scope["path"].encode(errors="replace")) > LONGEST_PATH:
        raise Refused(414, f"The path is longer than {LONGEST_PATH} bytes.")
    if len(scope["query_string"]) > LONGEST_QUERY:
        raise Refused(414, f"The query is longer than {LONGEST_QUERY} bytes.")
    pairs: list[tuple[bytes, bytes]] = scope["headers"]
    size = sum(len(name) + len(value) for name, value in pairs)
    if len(pairs) > MOST_HEADERS or size > MOST_HEADER_BYTES:
        raise Refused(431, "The request has too many or too long headers.")
    # Of a body with two lengths, a proxy and this server could each believe another one.
    headers = dict(pairs)
    if b"content-length" in headers and b"transfer-encoding" in headers:
        raise Refused(400, "The request says its length in two ways.", headers=_CLOSE)
    # Every one of them: of a header that comes twice, others may read the first one.
    for name, value in pairs:
        if name == b"content-type" and _media_type(value) not in _MEDIA_TYPES:
            raise Refused(415, "The body must be JSON.", ["application/json"])
        if name == b"accept" and _UNSAFE in value.lower():
            raise Refused(406, "Answers are JSON.", ["application/json"])
    return headers


def _media_type(content_type: bytes) -> bytes:
    return content_type.partition(b";")[0].strip().lower()


def _presented(headers: Headers) -> str | None:
    key = headers.get(b"x-api-key")
    if key is None:
        scheme, _, credentials = headers.get(b"authorization", b"").partition(b" ")
        key = credentials if scheme.lower() == b"bearer" else None
    return None if key is None else key.strip().decode("latin-1")


def _keyless(sentence: str) -> Refused:
    return Refused(401, sentence, headers={"WWW-Authenticate": "Bearer"})


def _wants_page(scope: Scope, headers: Headers) -> bool:
    return scope["method"] == "GET" and b"text/html" in headers.get(b"accept", b"")


def _host_of(origin: bytes) -> bytes:
    return origin.partition(b"://")[2]


async def _refuse(refused: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket" and _CAN_ANSWER not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
    else:
        await refused.response()(scope, receive, send)
