"""Where people land, and the interactive API page without any foreign resource."""

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

from cartelera.service.page.dashboard import show as show_dashboard
from cartelera.service.page.words import LANGUAGES, preferred_language

# BentoML serves a copy of Swagger UI here. Relative: whoever asks through a proxy may know this
# server under a longer address.
_STATIC = "../static_content"

# The browser itself refuses whatever is not from this server.
_ONLY_LOCAL = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:; frame-ancestors 'self'"
}

_PAGE = "ui/"


def create_index() -> Starlette:
    """Make the application behind `/`, which leads to the page for viewers, and `/dashboard`.

    BentoML's own page would load a foreign tag manager.
    """

    def index(_: Request) -> RedirectResponse:
        # Relative: whoever asks through a proxy may know this server under a longer address.
        return RedirectResponse(_PAGE, 307)

    def dashboard(request: Request) -> HTMLResponse:
        wanted = request.query_params.get("language")
        accepted = preferred_language(request.headers.get("accept-language", ""))
        page = show_dashboard(wanted if wanted in LANGUAGES else accepted)
        return HTMLResponse(page, headers={"Vary": "Accept-Language", "Cache-Control": "no-store"})

    return Starlette(
        routes=[Route("/", index), Route("/ui", index), Route("/dashboard", dashboard)]
    )


def api_page(openapi_url: str, title: str) -> HTMLResponse:
    """Return the page on which people try the endpoints.

    Args:
        openapi_url: Where the OpenAPI document is.
        title: Title of the page.
    """
    page = get_swagger_ui_html(
        openapi_url=openapi_url,
        title=title,
        swagger_js_url=f"{_STATIC}/swagger-ui-bundle.js",
        swagger_css_url=f"{_STATIC}/swagger-ui.css",
        swagger_favicon_url=f"{_STATIC}/favicon-light-32x32.png",
        swagger_ui_parameters={"validatorUrl": None},  # the default asks a foreign server
    )
    page.headers.update(_ONLY_LOCAL)
    return page
