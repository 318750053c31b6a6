"""The application behind `/ui`: one Gradio page a language, and only what these pages ask for.

Gradio brings many routes that nothing here needs (uploads, files, a proxy, a queue, its own API).
All but a few are closed. Gradio is imported and the pages are built when somebody first asks, or
after `warm_up`: a worker is ready seconds earlier.
"""

import asyncio
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartelera.platforms import PUBLISHED, Platforms
from cartelera.service.garbage import pass_over_what_is_loaded
from cartelera.service.page.calls import CheckedCalls
from cartelera.service.page.style import STYLE, platform_style
from cartelera.service.page.words import LANGUAGES, Words, preferred_language

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers

_PAGE: Final = "/"
_ASSETS: Final = "/assets/"
_CALL: Final = "/gradio_api/run/predict"
_OPEN: Final = {("GET", _PAGE), ("GET", "/theme.css"), ("POST", _CALL)}

# Gradio remembers 150 kB of each visitor, which only saves time while somebody types.
_SESSIONS: Final = 32

# Gradio keeps track of what is being built in one place for all threads.
_BUILDING: Final = threading.Lock()

_FOR_EVER: Final = "public, max-age=31536000, immutable"

# Gradio compiles templates in the browser; nothing may come from another server.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-cache",
}

_FOREIGN: Final = re.compile(
    r'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*|<link rel="manifest"[^>]*>\s*'
    r"|<script>\s*\(\(\) => \{.*?iframeResizer.*?</script>\s*",
    re.DOTALL,
)
_APP: Final = "<gradio-app"
_CONFIG_END: Final = "<script data-gradio-mode>"
_ICON: Final = (
    '<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27 '
    "viewBox=%270 0 24 24%27%3E%3Cpath d=%27M3 8.2 20.2 3.6l.8 2.9L3.8 11.1zM3 12h18v8.5H3z%27 "
    'fill=%27%230f766e%27/%3E%3C/svg%3E">'
)
# Behind whatever proxy: the page's own address is the one that works.
_OWN_ADDRESS: Final = (
    '<script>window.gradio_config.root = new URL(".", location.href).href.slice(0, -1);</script>'
)


class Page:
    """`/` leads to the visitor's language; `/en/` and `/es/` are the page in that language."""

    def __init__(self, answers: "Callable[[], Answers]", *, is_locked: bool = False):
        """Prepare the page; nothing is built yet.

        Args:
            answers: Called at each request; gives what the running service loaded.
            is_locked: Whether visitors need a key: then they can log out.
        """
        self._languages = {name: _LanguagePage(answers, name, is_locked) for name in LANGUAGES}
        self._app = Starlette(
            routes=[
                Route("/", _choose_language),
                *(Mount(f"/{name}", app) for name, app in self._languages.items()),
            ],
            middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._app(scope, receive, send)

    def warm_up(self, answers: "Answers") -> None:
        """Build the pages in the background.

        Args:
            answers: What was loaded; the service that holds it need not run yet.
        """
        genres, platforms = answers.facets().genres, answers.settings.platforms

        def build() -> None:
            for page in self._languages.values():
                page.build(genres, platforms)
            pass_over_what_is_loaded()

        threading.Thread(target=build, name="page", daemon=True).start()


async def _choose_language(request: Request) -> RedirectResponse:
    language = preferred_language(request.headers.get("accept-language", ""))
    # Relative, for only the visitor knows the outer address; `/ui` itself has no slash at its end.
    folder = "" if request.url.path.endswith("/") else f"{request.url.path.rpartition('/')[2]}/"
    return RedirectResponse(f"{folder}{language}/", 307, {"Vary": "Accept-Language"})


class _LanguagePage:
    """The page in one language."""

    def __init__(self, answers: "Callable[[], Answers]", language: str, is_locked: bool):
        self._answers = answers
        self._language = language
        self._is_locked = is_locked
        self._built: _Built | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the page's own; anything else is not found."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        is_asset = method == "GET" and path.startswith(_ASSETS)
        if not is_asset and (method, path) not in _OPEN:
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        # Another catalogue may have been loaded since.
        answers = self._answers()
        choices = answers.facets().genres, answers.settings.platforms
        built = self._built
        if built is None or (path == _PAGE and built.choices != choices):
            built = await anyio.to_thread.run_sync(self.build, *choices)
        if path == _PAGE:
            await HTMLResponse(built.document, headers=_HEADERS)(scope, receive, send)
        elif path == _CALL:
            await built.calls(scope, receive, send)
        else:
            await built.gradio(scope, receive, _keeping(send) if is_asset else send)

    def build(self, genres: list[str], platforms: Platforms = PUBLISHED) -> "_Built":
        """Build the page with these genres and platforms to choose from, unless that is done."""
        with _BUILDING:
            if self._built is None or self._built.choices != (genres, platforms):
                gradio, calls = _create_gradio(
                    self._answers, genres, platforms, self._language, self._is_locked
                )
                document = _document(gradio, self._language, platforms)
                self._built = _Built((genres, platforms), gradio, calls, document)
            return self._built


@dataclass(frozen=True)
class _Built:
    choices: tuple[list[str], Platforms]
    gradio: ASGIApp
    calls: ASGIApp
    document: str


def _create_gradio(
    answers: "Callable[[], Answers]",
    genres: list[str],
    platforms: Platforms,
    language: str,
    is_locked: bool,
) -> tuple[ASGIApp, ASGIApp]:
    """Give Gradio's application, and the part of it that answers calls."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    # Seconds of importing, which a worker that only answers programs never needs.
    import gradio as gr

    from cartelera.service.page.layout import build
    from cartelera.service.page.theme import create_theme

    blocks = build(answers, genres, platforms, language, is_locked=is_locked)
    blocks.state_session_capacity = _SESSIONS
    app = gr.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None),
        blocks,
        path="",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        theme=create_theme(),
    )
    return app, CheckedCalls(app, {number: len(fn.inputs) for number, fn in blocks.fns.items()})


def _document(app: ASGIApp, language: str, platforms: Platforms) -> str:
    """Take the page from Gradio, without what is foreign and with its language."""
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": _PAGE,
        "raw_path": _PAGE.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": None,
        "server": ("localhost", 80),
    }
    body = bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        body.extend(message.get("body", b""))

    async def ask() -> None:
        await app(scope, receive, send)

    asyncio.run(ask())
    html = _FOREIGN.sub("", body.decode()).replace('lang="en"', f'lang="{language}"', 1)
    ours = f"{_ICON}<style>{STYLE}{platform_style(platforms)}</style>{_OWN_ADDRESS}"
    html = html.replace(_CONFIG_END, f"{ours}{_CONFIG_END}", 1)
    return html.replace(_APP, f"<noscript>{Words(language)('no_script')}</noscript>{_APP}", 1)


def _keeping(send: Send) -> Send:
    """Let browsers keep what is sent: the names of these files hold their content's digest."""

    async def kept(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
            MutableHeaders(scope=message)["Cache-Control"] = _FOR_EVER
        await send(message)

    return kept
