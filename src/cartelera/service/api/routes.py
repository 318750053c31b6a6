"""The routes under `/api` with their OpenAPI document."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse

from cartelera.catalogue import answers as catalogue
from cartelera.catalogue.arguments import QueryError
from cartelera.service.answering import list_replies, replies
from cartelera.service.answering.filters import Facets
from cartelera.service.answering.title_info import TitleDetail
from cartelera.service.api import pages, questions
from cartelera.service.api import parameters as p
from cartelera.service.api.document import DESCRIPTION, TAGS, TITLE, complete, described
from cartelera.service.middleware.one_shape import problem
from cartelera.service.problems import LONGEST_NAME, Refused, from_query, from_validation

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers


_REPEATABLE: Final = frozenset({"platforms", "certificates", "rated"})


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


Desk = Annotated["Answers", Depends(_answers)]
TitlePath = Annotated[p.TitleId, Path()]
UserPath = Annotated[p.UserId, Path()]

router = APIRouter()


@router.get("/get_max_duration", **described("get_max_duration"))
async def get_max_duration(
    answers: Desk, question: Annotated[questions.MaxDurationQuestion, Query()]
) -> catalogue.MaxDuration:
    """Give the longest title; minutes and seasons are never compared."""
    return question.ask(answers)


@router.get("/get_score_count", **described("get_score_count"))
async def get_score_count(
    answers: Desk, question: Annotated[questions.ScoreCountQuestion, Query()]
) -> catalogue.ScoreCount:
    """Count the titles with a score strictly above `scored`."""
    return question.ask(answers)


@router.get("/get_count_platform", **described("get_count_platform"))
async def get_count_platform(
    answers: Desk, question: Annotated[questions.CountPlatformQuestion, Query()]
) -> catalogue.PlatformCount:
    """Count the titles of a platform, or of all."""
    return question.ask(answers)


@router.get("/get_actor", **described("get_actor"))
async def get_actor(
    answers: Desk, question: Annotated[questions.ActorQuestion, Query()]
) -> catalogue.TopActor:
    """Give the actor in most titles."""
    return question.ask(answers)


@router.get("/titles", **described("titles"))
async def titles(
    answers: Desk, question: Annotated[questions.TitlesQuestion, Query()]
) -> replies.TitlePage:
    """Find titles by words and filters, a page at a time: better matches first."""
    return question.ask(answers)


@router.get("/facets", **described("facets"))
async def facets(answers: Desk) -> Facets:
    """Give the platforms, genres, age labels, years and minutes that filters can choose from."""
    return answers.facets()


# Before the path of a title: no title has this id.
@router.get("/titles/to_rate", **described("to_rate"))
async def to_rate(
    answers: Desk, question: Annotated[questions.ToRateQuestion, Query()]
) -> list_replies.TitlesToRate:
    """Return titles for a newcomer to rate first: known to many, and different."""
    return await run_in_threadpool(question.ask, answers)


@router.get("/titles/{title_id}", **described("title"))
async def title(answers: Desk, title_id: TitlePath) -> TitleDetail:
    """Give all there is to know about a title."""
    return answers.title(title_id)


@router.get("/titles/{title_id}/similar", **described("similar"))
async def similar(
    answers: Desk, title_id: TitlePath, question: Annotated[questions.SimilarQuestion, Query()]
) -> list_replies.SimilarTitles:
    """Return titles like another one, most similar first."""
    return await run_in_threadpool(question.ask_of, answers, title_id)


@router.get("/users/{user_id}", **described("user"))
async def user(
    answers: Desk, user_id: UserPath, question: Annotated[questions.ProfileQuestion, Query()]
) -> replies.UserProfile:
    """Give how a user rates, and the titles they liked best."""
    return await run_in_threadpool(question.ask_of, answers, user_id)


@router.get("/users/{user_id}/recommendations", **described("user_recommendations"))
async def user_recommendations(
    answers: Desk, user_id: UserPath, question: Annotated[questions.UserListQuestion, Query()]
) -> list_replies.RecommendationList:
    """Return the titles that suit a user best and why, without those rated already."""
    return await run_in_threadpool(question.ask_of, answers, user_id)


@router.get("/recommend", **described("recommend"))
async def recommend(
    answers: Desk, question: Annotated[questions.RecommendQuestion, Query()]
) -> list_replies.RecommendationList:
    """Do the same as `/users/{user_id}/recommendations`, with the user as a parameter."""
    return await run_in_threadpool(question.ask, answers)


@router.post("/recommendations", **described("recommend_new"))
async def recommend_new(
    answers: Desk, question: questions.RecommendNewQuestion
) -> list_replies.RecommendationList:
    """Return the titles that suit somebody new best and why, from a few ratings."""
    return await run_in_threadpool(question.ask, answers)


@router.get("/predictions", **described("prediction"))
async def prediction(
    answers: Desk, question: Annotated[questions.PredictQuestion, Query()]
) -> replies.Prediction:
    """Predict what a user would rate a title, and whether that recommends it."""
    return await run_in_threadpool(question.ask, answers)


@router.get("/predict", **described("predict"))
async def predict(
    answers: Desk, question: Annotated[questions.PredictQuestion, Query()]
) -> replies.Prediction:
    """Do the same as `/predictions`."""
    return await run_in_threadpool(question.ask, answers)


@router.post("/predictions", **described("predict_batch"))
async def predict_batch(
    answers: Desk, question: questions.PredictBatchQuestion
) -> replies.Predictions:
    """Predict many pairs at once; a pair with an unknown title gets a problem in its place."""
    return await run_in_threadpool(question.ask, answers)


@router.post("/ratings", **described("rate"))
async def rate(answers: Desk, question: questions.RateQuestion) -> replies.Receipt:
    """Receive a rating: kept once this answers, seen at once, learnt from in the next run."""
    return await run_in_threadpool(question.ask, answers)


@router.get("/model", **described("model"))
async def model(answers: Desk) -> replies.ModelInfo:
    """Return which models answer: version, data, measurements beside simpler ways, and card."""
    return answers.model()


def create_api(answers: "Callable[[], Answers]") -> FastAPI:
    """Make the application behind `/api`.

    Args:
        answers: Called at each request; gives what the running service loaded at its start.
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
    app.include_router(router)
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
