"""The page on which a browser shows the API key once, and gets a cookie for it.

The cookie is no key: it is signed with one, ends by itself, and neither scripts nor other sites
get at it. All addresses are relative: only the visitor knows what stands before them, where a proxy
offers the service under a longer one.
"""

from typing import Final
from urllib.parse import parse_qs, quote

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from cartelera.service.middleware.keys import Keys
from cartelera.service.middleware.limits import TokenBuckets
from cartelera.service.page.markup import Markup
from cartelera.service.page.words import Words, preferred_language
from cartelera.service.problems import Refused

PATH: Final = "/login"
LEAVE_PATH: Final = "/logout"
PATHS: Final = (PATH, LEAVE_PATH)
COOKIE: Final = "cartelera_session"
LONGEST_FORM: Final = 4096

_START: Final = "./"
_FIELD: Final = "key"
_TARGET: Final = "next"


class LoginPage:
    """The page, for one request.

    Args:
        keys: The keys that open the service.
        failures: Who has given wrong keys lately.
        address: Who asks.
        is_https: Whether the browser speaks TLS, so that the cookie may insist on it.
    """

    def __init__(self, keys: Keys, failures: TokenBuckets, address: str, is_https: bool):
        self._keys = keys
        self._failures = failures
        self._address = address
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show the form, take it, or forget who came in with it."""
        if scope["path"] == LEAVE_PATH:
            response = self._leave(scope)
        elif scope["method"] == "POST":
            response = self._take(scope, await _read_form(receive))
        else:
            response = _form(scope, 200)
        await response(scope, receive, send)

    def _leave(self, scope: Scope) -> Response:
        """Let the browser forget its cookie; a link that only shows something changes nothing."""
        if scope["method"] != "POST":
            return RedirectResponse(_START, 303)
        response = RedirectResponse(_here(PATH), 303)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._is_https)
        return response

    def _take(self, scope: Scope, form: bytes) -> Response:
        number = self._keys.find(_field(form, _FIELD).strip())
        # Others may share the address: who guesses there must not lock out who has the key.
        if number is None:
            if wait_s := self._failures.take(self._address):
                return _form(scope, 429, "login_wait", {"Retry-After": str(int(wait_s) + 1)})
            return _form(scope, 401, "login_wrong")
        response = RedirectResponse(_target(scope), 303)
        response.set_cookie(
            COOKIE,
            self._keys.start_session(number),
            max_age=self._keys.session_s,
            httponly=True,
            samesite="strict",
            secure=self._is_https,
        )
        return response


def address_from(scope: Scope) -> str:
    """Return the address of the page as seen from a request's, with the way back there."""
    target, query = scope["path"], scope["query_string"].decode("latin-1")
    upwards = "../" * (target.count("/") - 1)
    target = f"{target}?{query}" if query else target
    return f"{upwards or _START}{PATH[1:]}?{_TARGET}={quote(target, safe='/')}"


def cookie_of(headers: dict[bytes, bytes]) -> str:
    """Return the session cookie of a request; an empty text if there is none."""
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


async def _read_form(receive: Receive) -> bytes:
    form = b""
    while True:
        message = await receive()
        form += message.get("body", b"")
        if len(form) > LONGEST_FORM:
            raise Refused(413, f"The form is longer than {LONGEST_FORM} bytes.")
        if not message.get("more_body", False):
            return form


def _form(
    scope: Scope, status: int, problem: str | None = None, headers: dict[str, str] | None = None
) -> HTMLResponse:
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    markup = Markup(Words(preferred_language(accepted)))
    query = scope["query_string"].decode("latin-1")
    action = f"{_here(PATH)}?{query}" if query else _here(PATH)
    return HTMLResponse(markup("login", action=action, problem=problem), status, headers)


def _target(scope: Scope) -> str:
    """Return where to go on to, seen from here; what could lead elsewhere leads to the start."""
    target = _field(scope["query_string"], _TARGET)
    is_local = target.startswith("/") and not target.startswith(("//", "/\\", PATH))
    is_plain = target.isprintable() and ".." not in target
    return _here(target) if is_local and is_plain else _START


def _here(path: str) -> str:
    """Return a path of the service as the pages of this module have to name it."""
    return f"{_START}{path[1:]}"


def _field(form: bytes, name: str) -> str:
    try:
        fields = parse_qs(form.decode("latin-1"), max_num_fields=10)
    except ValueError:  # more fields than that
        return ""
    return fields.get(name, [""])[0]
