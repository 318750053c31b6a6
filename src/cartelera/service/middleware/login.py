"""The page on which a browser shows the API key once, and gets a cookie for it.

The cookie is no key: it is signed with one, ends by itself, and neither scripts nor other sites
get at it. All addresses are relative: only the visitor knows what stands before them, where a proxy
offers the service under a longer one.
"""

import html
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from cartelera.service.middleware.keys import Keys
from cartelera.service.middleware.limits import TokenBuckets
from cartelera.service.problems import Refused

PATH: Final = "/login"
LEAVE_PATH: Final = "/logout"
PATHS: Final = (PATH, LEAVE_PATH)
COOKIE: Final = "cartelera_session"
LONGEST_FORM: Final = 4096

_START: Final = "./"
_FIELD: Final = "key"
_TARGET: Final = "next"

_WORDS: Final = {
    "en": {
        "prompt": "This service asks for a key.",
        "label": "Key",
        "button": "Enter",
        "wrong": "That is not the key.",
        "wait": "Too many wrong keys. Try again in a minute.",
    },
    "es": {
        "prompt": "Este servicio pide una clave.",
        "label": "Clave",
        "button": "Entrar",
        "wrong": "Esa no es la clave.",
        "wait": "Demasiadas claves equivocadas. Prueba de nuevo en un minuto.",
    },
}

_PAGE: Final = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cartelera</title>
<link rel="icon" href="data:,">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 0; padding: 14vh 1rem 1rem; color: #1c1917;
  background: #fafaf9; }}
main {{ max-width: 22rem; margin: 0 auto; padding: 1.75rem; background: #fff;
  border: 1px solid #e2dfdb; border-radius: 14px; }}
h1 {{ font-size: 1.75rem; line-height: 1.2; letter-spacing: -.02em; margin: 0; }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit; }}
label {{ font-weight: 600; }}
input, button {{ min-height: 44px; padding: .5rem .75rem; margin: .3rem 0 1rem;
  border-radius: 8px; }}
input {{ border: 1px solid #78716c; background: inherit; color: inherit; }}
button {{ border: 0; background: #0f766e; color: #fff; font-weight: 600; cursor: pointer;
  margin-bottom: 0; }}
button:hover {{ background: #115e59; }}
:focus-visible {{ outline: 3px solid #0f766e; outline-offset: 2px; }}
[role=alert] {{ color: #9f1239; font-weight: 600; }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #f5f5f4; background: #0c0a09; }}
  main {{ background: #1f1c1a; border-color: #3a3633; }}
  input {{ border-color: #a8a29e; }}
  :focus-visible {{ outline-color: #2dd4bf; }}
  [role=alert] {{ color: #fda4af; }}
}}
</style>
</head>
<body>
<main>
<h1>Cartelera</h1>
<p>{prompt}</p>
<form method="post" action="{action}">
<label for="key">{label}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
{alert}
<button>{button}</button>
</form>
</main>
</body>
</html>
"""


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
        if wait_s := self._failures.wait_s(self._address):
            return _form(scope, 429, "wait", {"Retry-After": str(int(wait_s) + 1)})
        number = self._keys.find(_field(form, _FIELD).strip())
        if number is None:
            self._failures.take(self._address)
            return _form(scope, 401, "wrong")
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
    """Give the address of the page as seen from a request's, with the way back there."""
    target, query = scope["path"], scope["query_string"].decode("latin-1")
    upwards = "../" * (target.count("/") - 1)
    target = f"{target}?{query}" if query else target
    return f"{upwards or _START}{PATH[1:]}?{_TARGET}={quote(target, safe='/')}"


def cookie_of(headers: dict[bytes, bytes]) -> str:
    """Give the session cookie of a request; an empty text if there is none."""
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
    language = _language(scope)
    words = _WORDS[language]
    query = scope["query_string"].decode("latin-1")
    page = _PAGE.format(
        lang=language,
        action=html.escape(f"{_here(PATH)}?{query}" if query else _here(PATH)),
        alert=f'<p role="alert">{words[problem]}</p>' if problem else "",
        **words,
    )
    return HTMLResponse(page, status, headers)


def _language(scope: Scope) -> str:
    accepted = dict(scope["headers"]).get(b"accept-language", b"")
    return "es" if accepted.lower().startswith(b"es") else "en"


def _target(scope: Scope) -> str:
    """Give where to go on to, seen from here; what could lead elsewhere leads to the start."""
    target = _field(scope["query_string"], _TARGET)
    is_local = target.startswith("/") and not target.startswith(("//", "/\\", PATH))
    is_plain = target.isprintable() and ".." not in target
    return _here(target) if is_local and is_plain else _START


def _here(path: str) -> str:
    """Give a path of the service as the pages of this module have to name it."""
    return f"{_START}{path[1:]}"


def _field(form: bytes, name: str) -> str:
    try:
        fields = parse_qs(form.decode("latin-1"), max_num_fields=10)
    except ValueError:  # more fields than that
        return ""
    return fields.get(name, [""])[0]
