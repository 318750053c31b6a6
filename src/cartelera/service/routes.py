"""The GET routes with their OpenAPI document."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse

from cartelera.catalogue import answers as catalogue
from cartelera.catalogue.queries import QueryError
from cartelera.service import pages, questions
from cartelera.service.answers import Answers, ModelInfo, Prediction, RecommendationList
from cartelera.service.examples import EXAMPLES
from cartelera.service.problems import Problem, Refused, from_query, from_validation

_TITLE = "Cartelera"
_DESCRIPTION = (
    "Questions about the catalogues of four streaming platforms, predicted ratings and "
    "recommendations. Every bad question gets a 4xx answer `{error, allowed}`. A parameter left "
    "blank counts as left out. The same endpoints take POST with a JSON body at `/<name>`."
)


def _answers(request: Request) -> Answers:
    return request.app.state.answers()


Desk = Annotated[Answers, Depends(_answers)]

router = APIRouter()


_WRONG = {422: "A parameter is missing or wrong."}


def _docs(endpoint: str, tag: str, refusals: Mapping[int, str] = _WRONG) -> dict[str, Any]:
    """Describe an endpoint for the OpenAPI document.

    Args:
        endpoint: Its name.
        tag: The group it is listed under.
        refusals: When it answers with which 4xx status.
    """
    answered = {200: {"content": {"application/json": {"example": EXAMPLES[endpoint]}}}}
    refused = {status: {"model": Problem, "description": when} for status, when in refusals.items()}
    return {"tags": [tag], "responses": {**answered, **refused}}


@router.get("/get_max_duration", **_docs("get_max_duration", "catalogue"))
def get_max_duration(
    answers: Desk, question: Annotated[questions.MaxDurationQuestion, Query()]
) -> catalogue.MaxDuration:
    """Give the longest title; minutes and seasons are never compared."""
    return answers.queries.get_max_duration(**question.model_dump(exclude_none=True))


@router.get("/get_score_count", **_docs("get_score_count", "catalogue"))
def get_score_count(
    answers: Desk, question: Annotated[questions.ScoreCountQuestion, Query()]
) -> catalogue.ScoreCount:
    """Count the titles with a score strictly above `scored`."""
    return answers.queries.get_score_count(**question.model_dump(exclude_none=True))


@router.get("/get_count_platform", **_docs("get_count_platform", "catalogue"))
def get_count_platform(
    answers: Desk, question: Annotated[questions.CountPlatformQuestion, Query()]
) -> catalogue.PlatformCount:
    """Count the titles of a platform, or of all."""
    return answers.queries.get_count_platform(**question.model_dump(exclude_none=True))


@router.get("/get_actor", **_docs("get_actor", "catalogue"))
def get_actor(
    answers: Desk, question: Annotated[questions.ActorQuestion, Query()]
) -> catalogue.TopActor:
    """Give the actor in most titles."""
    return answers.queries.get_actor(**question.model_dump(exclude_none=True))


@router.get("/predict", **_docs("predict", "model", {404: "No title has this id.", **_WRONG}))
def predict(answers: Desk, question: Annotated[questions.PredictQuestion, Query()]) -> Prediction:
    """Predict what a user would rate a title, and whether that recommends it."""
    return answers.predict(**question.model_dump(exclude_none=True))


@router.get("/recommend", **_docs("recommend", "model"))
def recommend(
    answers: Desk, question: Annotated[questions.RecommendQuestion, Query()]
) -> RecommendationList:
    """Give the titles a user would rate best, without those the user has rated already."""
    return answers.recommend(**question.model_dump(exclude_none=True))


@router.get("/model", **_docs("model", "model", {}))
def model(answers: Desk) -> ModelInfo:
    """Give the name, version and card of the model that answers."""
    return answers.model()


def create_api(answers: Callable[[], Answers]) -> FastAPI:
    """Make the application behind `/api`.

    Args:
        answers: Called at each request; gives what the running service loaded at its start.
    """
    # The default pages load their scripts from a foreign server.
    app = FastAPI(
        title=_TITLE,
        version="1",
        description=_DESCRIPTION,
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
    def docs(request: Request) -> HTMLResponse:
        return pages.api_page(f"{request.scope.get('root_path', '')}/openapi.json", _TITLE)

    return app


def _refuse(request: Request, error: Exception) -> JSONResponse:
    match error:
        case Refused():
            return error.response()
        case QueryError():
            return from_query(error).response()
        case RequestValidationError():
            return from_validation(error.errors(), _parameters(request)).response()
        case HTTPException():
            return Refused(error.status_code, f"{error.detail}.").response()
        case _:
            raise error


def _parameters(request: Request) -> list[str]:
    fields: list[str] = []
    for parameter in request.scope["route"].dependant.query_params:
        fields.extend(parameter.field_info.annotation.model_fields)
    return fields
