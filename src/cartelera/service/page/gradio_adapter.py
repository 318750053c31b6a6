"""What Gradio forces on the page, in one place: its settings, its hidden parts, its document.

`static/gradio_adapter.css` and `static/gradio_adapter.js` are the same for its markup and its
script. Whoever changes Gradio's version looks here first.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any, Final

import gradio as gr
from fastapi import FastAPI
from gradio.components import Component
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cartelera.service.middleware.bodies import replay
from cartelera.service.page.markup import Markup
from cartelera.service.page.theme import create_theme
from cartelera.service.problems import Refused

logger = logging.getLogger(__name__)


def _static(name: str) -> str:
    return (Path(__file__).with_name("static") / name).read_text(encoding="utf-8")


SCRIPT: Final = _static("gradio_adapter.js") + _static("page.js")
_STYLE: Final = _static("gradio_adapter.css") + _static("page.css")

# Gradio remembers 150 kB of each visitor, which only saves time while somebody types.
_SESSIONS: Final = 32

_FOREIGN: Final = re.compile(
    r'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*|<link rel="manifest"[^>]*>\s*'
    r"|<script>\s*\(\(\) => \{.*?iframeResizer.*?</script>\s*",
    re.DOTALL,
)
_APP: Final = "<gradio-app"
_EVENT: Final = "event_data"
_CONFIG_END: Final = "<script data-gradio-mode>"


def listen(
    events: Sequence[Any],
    handler: Callable[..., Any],
    inputs: Sequence[Component],
    outputs: Sequence[Component],
    markup: Markup,
) -> None:
    """Let a handler answer events with HTML for each output.

    While one of them is being answered, the last of those that follow waits: an answer never
    overwrites that of a later question.

    What the browser sent reaches the handler as it is, which checks it: a choice that is none must
    not become an error of the server. There is no queue: any worker can answer at once.

    Args:
        events: Such as `button.click`; several only of the kinds all components have.
        handler: Called with what each input sent.
        inputs: What is sent.
        outputs: What the handler's HTML goes to, one for each.
        markup: Makes the sentence that is shown when the handler fails.
    """
    bind = partial(gr.on, list(events)) if len(events) > 1 else events[0]
    bind(
        _without_failing(handler, len(outputs), markup),
        inputs=list(inputs),
        outputs=list(outputs),
        preprocess=False,
        queue=False,
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )


def _without_failing(
    handler: Callable[..., Any], n_outputs: int, markup: Markup
) -> Callable[..., Any]:
    @wraps(handler)
    def answer(*sent: Any) -> Any:
        try:
            return handler(*sent)
        except Exception:  # whoever watches sees a sentence, the log has the reason
            logger.exception("The page could not answer %s.", handler.__name__)
            broken = markup.note(markup.words("broken"), "problem")
            return broken if n_outputs == 1 else (broken, *[""] * (n_outputs - 1))

    return answer


@dataclass(frozen=True)
class GradioPage:
    """What Gradio makes of a layout.

    Attributes:
        app: Answers what belongs to the page.
        calls: Answers the calls of the page's script.
        head: The document, up to where its body begins to show something.
        rest: What comes after.
    """

    app: ASGIApp
    calls: ASGIApp
    head: str
    rest: str


def create_page(blocks: gr.Blocks, markup: Markup) -> GradioPage:
    """Make the page of a layout.

    Args:
        blocks: The layout.
        markup: That of its language.
    """
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
    n_values = {number: len(event.inputs) for number, event in blocks.fns.items()}
    return GradioPage(app, CheckedCalls(app, n_values), *_document(app, markup))


class CheckedCalls:
    """ASGI application: refuses a call that Gradio would fail on, and passes the others on.

    Only the calls the page has are known, each with as many values as its script sends.

    Args:
        app: Gradio's application.
        n_values: How many values each call sends, by its number.
    """

    def __init__(self, app: ASGIApp, n_values: Mapping[int, int]):
        self._app = app
        self._n_values = n_values

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        body = self._as_known(await Request(scope, receive).body())
        if body is None:
            await _refusal()(scope, receive, send)
            return
        await self._app(scope, replay(body, receive), send)

    def _as_known(self, body: bytes) -> bytes | None:
        """Return a call as Gradio takes it; None if the page makes no such call."""
        try:
            call: Any = json.loads(body)
            if not isinstance(call, dict):
                return None
            # What an event brings along may be missing, but handlers look into it.
            if not isinstance(call.get(_EVENT), dict):
                call[_EVENT] = {}
            # Half of a pair of surrogates is text that no answer can repeat.
            body = json.dumps(call, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return None
        number, values = call.get("fn_index"), call.get("data")
        if type(number) is not int or not isinstance(values, list):
            return None
        return body if len(values) == self._n_values.get(number, -1) else None


def _refusal() -> JSONResponse:
    return Refused(422, "The page makes no such call: load it again.").response()


def _document(app: ASGIApp, markup: Markup) -> tuple[str, str]:
    """Take the page from Gradio, without what is foreign and with its language, in two parts."""
    words = markup.words
    html = _FOREIGN.sub("", asyncio.run(_fetch_document(app)))
    html = html.replace('lang="en"', f'lang="{words.language}"', 1)

    head = markup("head", style=_STYLE, platforms=markup.platforms)
    html = html.replace(_CONFIG_END, f"{head}{_CONFIG_END}", 1)
    before, gradio, after = html.partition(_APP)
    return f"{before}<noscript>{words('no_script')}</noscript>", f"{gradio}{after}"


async def _fetch_document(app: ASGIApp) -> str:
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
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

    await app(scope, receive, send)
    return body.decode()
