"""The BentoML service: native POST endpoints, and the GET routes of `routes` under `/api`.

The data lies beside the code: a built Bento holds `src/cartelera/` and `src/bundle/`, and the class
finds the second from this file. A reference to BentoML's model store would need that store wherever
the service runs; so the folder serves from anywhere, with an empty store, and the model's versions
live in one registry only, MLflow's.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import bentoml
from bentoml.exceptions import BentoMLConfigException

from cartelera.catalogue import answers as catalogue
from cartelera.catalogue.queries import QueryError
from cartelera.errors import InputError
from cartelera.service import questions
from cartelera.service.answers import Answers, Prediction, RecommendationList
from cartelera.service.bundle import FOLDER_NAME, Bundle
from cartelera.service.gate import Gate
from cartelera.service.pages import create_index
from cartelera.service.problems import Refused, from_query
from cartelera.service.routes import create_api

AnswerT = TypeVar("AnswerT")

QUESTIONS: dict[str, type[questions.Question]] = {
    "/get_max_duration": questions.MaxDurationQuestion,
    "/get_score_count": questions.ScoreCountQuestion,
    "/get_count_platform": questions.CountPlatformQuestion,
    "/get_actor": questions.ActorQuestion,
    "/predict": questions.PredictQuestion,
    "/recommend": questions.RecommendQuestion,
}


def _current_answers() -> Answers:
    return bentoml.get_current_service().answers


def _answer(ask: Callable[..., AnswerT], question: dict[str, Any]) -> AnswerT:
    """Ask; a refusal becomes the response itself, which BentoML passes on as it is."""
    try:
        return ask(**{name: value for name, value in question.items() if value is not None})
    except Refused as refused:
        return cast(AnswerT, refused.response())
    except QueryError as error:
        return cast(AnswerT, from_query(error).response())


def _endpoint(question: type[questions.Question]) -> Any:
    # BentoML takes any Pydantic model, though its types ask for its own kind.
    return bentoml.api(input_spec=cast(Any, question))


@bentoml.service(
    name="cartelera",
    image=bentoml.images.Image(
        # The requirements are pinned to what this interpreter has; slim, for none is compiled.
        base_image=f"python:{sys.version_info.major}.{sys.version_info.minor}-slim",
        distro="",
        lock_python_packages=False,
    ),
    envs=[{"name": "BENTOML_DO_NOT_TRACK", "value": "True"}],
    workers=1,
    threads=4,
    traffic={"timeout": 30},
)
@bentoml.asgi_app(create_index(), path="/")
@bentoml.asgi_app(create_api(_current_answers), path="/api")
class Cartelera:
    """Questions about four streaming catalogues, predicted ratings and recommendations."""

    bundle = Bundle(Path(__file__).resolve().parents[2] / FOLDER_NAME)

    def __init__(self) -> None:
        self.answers = self.bundle.load()

    @bentoml.on_deployment
    @staticmethod
    def check_bundle() -> None:
        """Stop `bentoml serve` before any worker starts when the data is missing or damaged."""
        try:
            Cartelera.inner.bundle.verify()
        except InputError as error:
            raise BentoMLConfigException(str(error)) from error

    @_endpoint(questions.MaxDurationQuestion)
    def get_max_duration(self, **question: Any) -> catalogue.MaxDuration:
        """Give the longest title; minutes and seasons are never compared."""
        return _answer(self.answers.queries.get_max_duration, question)

    @_endpoint(questions.ScoreCountQuestion)
    def get_score_count(self, **question: Any) -> catalogue.ScoreCount:
        """Count the titles with a score strictly above `scored`."""
        return _answer(self.answers.queries.get_score_count, question)

    @_endpoint(questions.CountPlatformQuestion)
    def get_count_platform(self, **question: Any) -> catalogue.PlatformCount:
        """Count the titles of a platform, or of all."""
        return _answer(self.answers.queries.get_count_platform, question)

    @_endpoint(questions.ActorQuestion)
    def get_actor(self, **question: Any) -> catalogue.TopActor:
        """Give the actor in most titles."""
        return _answer(self.answers.queries.get_actor, question)

    @_endpoint(questions.PredictQuestion)
    def predict(self, **question: Any) -> Prediction:
        """Predict what a user would rate a title, and whether that recommends it."""
        return _answer(self.answers.predict, question)

    @_endpoint(questions.RecommendQuestion)
    def recommend(self, **question: Any) -> RecommendationList:
        """Give the titles a user would rate best, without those the user has rated already."""
        return _answer(self.answers.recommend, question)


Cartelera.add_asgi_middleware(cast(Any, Gate), questions=QUESTIONS)
