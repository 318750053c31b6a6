"""The application behind `/ui`: one Gradio page a language, and only what these pages ask for.

Gradio brings many routes that nothing here needs (uploads, files, a proxy, a queue, its own API).
All but a few are closed. Gradio is imported and the pages are built when somebody first asks, or
after `warm_up`: a worker is ready seconds earlier.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import Message, Receive, Scope, Send

from cartelera.platforms import PUBLISHED, Platforms
from cartelera.service.garbage import freeze_loaded_objects
from cartelera.service.page.markup import Markup
from cartelera.service.page.words import LANGUAGES, Words, preferred_language

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers
    from cartelera.service.page.first_sight import FirstSight
    from cartelera.service.page.gradio_adapter import GradioPage

_PAGE: Final = "/"
_ASSETS: Final = "/assets/"
_CALL: Final = "/gradio_api/run/predict"
_OPEN: Final = {("GET", _PAGE), ("GET", "/theme.css"), ("POST", _CALL)}

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

# Read by Gradio and its libraries when they are imported.
_SILENT: Final = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}


class Page:
    """`/` leads to the visitor's language; `/en/` and `/es/` are the page in that language."""

    def __init__(self, answers: "Callable[[], Answers]", *, is_locked: bool = False):
        """Prepare the page; nothing is built yet.

        Args:
            answers: Called at each request; returns what the running service loaded.
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
        choices = answers.facets().genres, answers.settings.platforms

        def build() -> None:
            for page in self._languages.values():
                page.build(*choices)
            freeze_loaded_objects()

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
            is_plain = not scope["query_string"]
            document = await anyio.to_thread.run_sync(built.document, is_plain)
            await HTMLResponse(document, headers=_HEADERS)(scope, receive, send)
        elif path == _CALL:
            await built.page.calls(scope, receive, send)
        else:
            await built.page.app(scope, receive, _cached_for_ever(send) if is_asset else send)

    def build(self, genres: list[str], platforms: Platforms = PUBLISHED) -> "_Built":
        """Build the page with these genres and platforms to choose from, unless that is done."""
        with _BUILDING:
            if self._built is None or self._built.choices != (genres, platforms):
                os.environ.update(_SILENT)
                # Seconds of importing, which a worker that only answers programs never needs.
                from cartelera.service.page import first_sight, gradio_adapter, layout

                markup = Markup(
                    Words(self._language), lambda: self._answers().settings.scale, platforms
                )
                blocks = layout.create_layout(
                    self._answers, genres, markup, is_locked=self._is_locked
                )
                self._built = _Built(
                    (genres, platforms),
                    gradio_adapter.create_page(blocks, markup),
                    first_sight.FirstSight(self._answers, markup, is_locked=self._is_locked),
                )
            return self._built


@dataclass(frozen=True)
class _Built:
    choices: tuple[list[str], Platforms]
    page: "GradioPage"
    first: "FirstSight"

    def document(self, with_titles: bool) -> str:
        """Return the page as HTML, with what is seen of it first."""
        return f"{self.page.head}{self.first.show(with_titles=with_titles)}{self.page.rest}"


def _cached_for_ever(send: Send) -> Send:
    """Let browsers keep what is sent: the names of these files hold their content's digest."""

    async def send_cached(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
            MutableHeaders(scope=message)["Cache-Control"] = _FOR_EVER
        await send(message)

    return send_cached
