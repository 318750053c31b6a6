"""The routes under `/api` with their OpenAPI document."""

from collections import Counter
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from fastapi import APIRouter, Body, Depends, FastAPI, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import compile_path

from cartelera.catalogue.arguments import QueryError
from cartelera.service.api import pages
from cartelera.service.api.document import DESCRIPTION, TAGS, TITLE, complete
from cartelera.service.middleware.one_shape import problem
from cartelera.service.operations import OPERATIONS
from cartelera.service.operations.definition import HttpOperation, is_list
from cartelera.service.problems import (
    LONGEST_NAME,
    Problem,
    Refused,
    from_query,
    from_validation,
)

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers


_REPEATABLE: Final = frozenset(
    name
    for operation in OPERATIONS
    if operation.question
    for name, field in operation.question.model_fields.items()
    if is_list(field)
)


# Not a plain function: those are called in a thread of their own.
async def _answers(request: Request) -> "Answers":
    if b"&" in request.scope["query_string"] and request.scope["route"].dependant.query_params:
        _check_that_each_is_given_once(request)
    return request.app.state.answers()


def _check_that_each_is_given_once(request: Request) -> None:
    """Refuse `year=2018&year=2019`, of which only the last would count."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    for name, n in times.items():
        if n > 1 and name not in _REPEATABLE:
            raise Refused(422, f"`{name[:LONGEST_NAME]}` is given {n} times: give it once.")


CurrentAnswers = Annotated[Any, Depends(_answers)]


def _add_route(router: APIRouter, operation: HttpOperation) -> None:
    """Add the route of an operation; what is the same for all requests is worked out here."""
    function = operation.function

    async def answer_at_once(**values: Any) -> Any:
        return function(**values)

    async def answer_in_thread(**values: Any) -> Any:
        return await run_in_threadpool(function, **values)

    endpoint = answer_at_once if operation.is_quick else answer_in_thread
    cast(Any, endpoint).__signature__ = _signature(operation)
    refusals = {
        status: {"model": Problem, "description": sentence}
        for status, sentence in operation.refusals.items()
    }
    router.add_api_route(
        operation.path,
        endpoint,
        methods=[operation.method],
        name=operation.name,
        description=operation.description,
        tags=[operation.tag],
        responses=cast(dict[int | str, dict[str, Any]], refusals),
    )


def _signature(operation: HttpOperation) -> Signature:
    """Say where FastAPI finds what an operation's function is called with."""
    types: dict[str, Any] = {"answers": CurrentAnswers}
    for name, kind in operation.in_path.items():
        types[name] = Annotated[kind, Path()]
    if question := operation.question:
        types["question"] = Annotated[question, Query() if operation.method == "GET" else Body()]
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in types.items()
    ]
    return Signature(parameters, return_annotation=operation.reply)


def _create_router() -> APIRouter:
    router = APIRouter()
    for _, operation in sorted(enumerate(OPERATIONS), key=lambda pair: _turn(*pair)):
        _add_route(router, operation)
    return router


def _turn(position: int, operation: HttpOperation) -> tuple[int, bool]:
    """Say when a route is tried: before those that would match its path too.

    The first that matches answers, and no title has the id `to_rate`.
    """
    hiding = [
        place
        for place, other in enumerate(OPERATIONS)
        if other.path != operation.path and compile_path(other.path)[0].match(operation.path)
    ]
    return min([position, *hiding]), not hiding


def create_api(answers: "Callable[[], Answers]") -> FastAPI:
    """Make the application behind `/api`.

    Args:
        answers: Called at each request; returns what the running service loaded at its start.
    """
    # The default pages load their scripts from a foreign server.
    app = FastAPI(
        title=TITLE,
        version="1",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.answers = answers
    app.include_router(_create_router())
    app.add_exception_handler(Refused, _refuse)
    app.add_exception_handler(QueryError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse)
    app.add_exception_handler(HTTPException, _refuse)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return pages.api_page("openapi.json", TITLE)

    raw_document = app.openapi

    def document() -> dict[str, Any]:
        """Complete the document, which FastAPI keeps, once for what settings there are."""
        settings = answers().settings
        bounds = settings.scale, settings.years, settings.platforms
        if app.openapi_schema is None or app.state.bounds != bounds:
            app.openapi_schema = None
            app.state.bounds = bounds
            return complete(raw_document(), *bounds)
        return app.openapi_schema

    app.openapi = document
    return app


def _refuse(request: Request, error: Exception) -> JSONResponse:
    match error:
        case Refused():
            return error.response()
        case QueryError():
            return from_query(error).response()
        case RequestValidationError():
            return _not_understood(request, error).response()
        case HTTPException():
            return problem(error.status_code, error.headers)
        case _:
            raise error


def _not_understood(request: Request, error: RequestValidationError) -> Refused:
    parts = request.scope["route"].dependant
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    # Only this type makes a browser ask before it sends a foreign page's request.
    if parts.body_params and media_type != "application/json":
        needed = "The body must be JSON, with the header `Content-Type: application/json`."
        return Refused(415, needed, ["application/json"])
    known = [
        field
        for parameter in (*parts.query_params, *parts.body_params)
        for field in parameter.field_info.annotation.model_fields
    ]
    answers: Answers = request.app.state.answers()
    return from_validation(error.errors(), known, answers.settings.allowed)
