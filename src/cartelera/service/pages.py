"""Pages for people: an index and the interactive API page, both without any foreign resource."""

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

# BentoML serves a copy of Swagger UI here.
_STATIC = "/static_content"

# The browser itself refuses whatever is not from this server.
_ONLY_LOCAL = {
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:; frame-ancestors 'self'"
}

_INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cartelera</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
</style>
</head>
<body>
<h1>Cartelera</h1>
<p>Questions about four streaming catalogues, and what to watch next.</p>
<ul>
<li><a href="/api/docs">Try the endpoints</a> (<a href="/api/openapi.json">OpenAPI</a>)</li>
<li><a href="/api/model">Which model answers</a></li>
<li><a href="/metrics">Metrics</a>, <a href="/livez">alive</a>, <a href="/readyz">ready</a></li>
</ul>
</body>
</html>
"""


def create_index() -> Starlette:
    """Make the application behind `/`; BentoML's own page would load a foreign tag manager."""

    def index(_: Request) -> HTMLResponse:
        return HTMLResponse(_INDEX, headers=_ONLY_LOCAL)

    return Starlette(routes=[Route("/", index)])


def api_page(openapi_url: str, title: str) -> HTMLResponse:
    """Give the page on which people try the endpoints.

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
