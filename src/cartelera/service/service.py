"""The BentoML service: native POST endpoints, and the GET routes of `routes` under `/api`.

The data lies beside the code: a built Bento holds `src/cartelera/` and `src/bundle/`, and the class
finds the second from this file. A reference to BentoML's model store would need that store wherever
the service runs; so the folder serves from anywhere, with an empty store, and the model's versions
live in one registry only, MLflow's.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import bentoml
from bentoml.exceptions import BentoMLConfigException

from cartelera.catalogue import answers as catalogue
from cartelera.catalogue.arguments import QueryError
from cartelera.errors import InputError
from cartelera.service.allowed import MOST_PAIRS
from cartelera.service.answering import feedback, list_replies, replies
from cartelera.service.api import questions
from cartelera.service.api.pages import create_index
from cartelera.service.api.routes import create_api
from cartelera.service.bundle.layout import FOLDER_NAME, Bundle
from cartelera.service.garbage import pass_over_what_is_loaded
from cartelera.service.middleware import metrics
from cartelera.service.middleware.keys import read_keys
from cartelera.service.middleware.layers import layers
from cartelera.service.operation import Operation
from cartelera.service.page.mount import Page
from cartelera.service.problems import Problem, Refused, from_query
from cartelera.service.reloading import Reloader

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers

AnswerT = TypeVar("AnswerT")

_LARGEST_BATCH = 10 * MOST_PAIRS

QUESTIONS: dict[str, type[questions.Question]] = {
    "/get_max_duration": questions.MaxDurationQuestion,
    "/get_score_count": questions.ScoreCountQuestion,
    "/get_count_platform": questions.CountPlatformQuestion,
    "/get_actor": questions.ActorQuestion,
    "/predict": questions.PredictQuestion,
    "/predict_batch": questions.PredictBatchQuestion,
    "/recommend": questions.RecommendQuestion,
    "/recommend_new": questions.RecommendNewQuestion,
    "/to_rate": questions.ToRateQuestion,
    "/rate": questions.RateQuestion,
}


CATALOGUE_PATHS = {
    "/api/get_max_duration": catalogue.MaxDuration.__name__,
    "/api/get_score_count": catalogue.ScoreCount.__name__,
    "/api/get_count_platform": catalogue.PlatformCount.__name__,
    "/api/get_actor": catalogue.TopActor.__name__,
}

_FOLDER = Path(__file__).resolve().parents[2]
try:
    OPERATION, KEYS = Operation.read(_FOLDER), read_keys()
except InputError as problem:
    raise BentoMLConfigException(str(problem)) from problem


def _current_answers() -> "Answers":
    return bentoml.get_current_service().answers


PAGE = Page(_current_answers, is_locked=bool(KEYS))


def _reply(answer: Callable[[], AnswerT]) -> AnswerT:
    """Answer; a refusal becomes the response itself, which BentoML passes on as it is."""
    try:
        return answer()
    except Refused as refused:
        return cast(AnswerT, refused.response())
    except QueryError as error:
        return cast(AnswerT, from_query(error).response())


def _endpoint(question: type[questions.Question], **options: Any) -> Any:
    # BentoML takes any Pydantic model, though its types ask for its own kind.
    return bentoml.api(input_spec=cast(Any, question), **options)


@bentoml.service(
    name="cartelera",
    image=bentoml.images.Image(
        # The requirements are pinned to what this interpreter has; slim, for none is compiled.
        base_image=f"python:{sys.version_info.major}.{sys.version_info.minor}-slim",
        distro="",
        lock_python_packages=False,
    ),
    envs=[
        {"name": "BENTOML_DO_NOT_TRACK", "value": "True"},
        # Requests run beside each other already; products this small only wait for more threads.
        {"name": "OPENBLAS_NUM_THREADS", "value": "1"},
        # The server underneath would believe any caller from this machine about its address and
        # scheme; `n_proxies` says whom to believe.
        {"name": "FORWARDED_ALLOW_IPS", "value": "none"},
    ],
    workers=OPERATION.workers,
    threads=4,
    traffic={"timeout": OPERATION.timeout_s},
    logging={"access": {"enabled": False}},
)
@bentoml.asgi_app(create_index(), path="/")
@bentoml.asgi_app(PAGE, path="/ui")
@bentoml.asgi_app(create_api(_current_answers), path="/api")
class Cartelera:
    """Questions about streaming catalogues, predicted ratings and recommendations."""

    bundle = Bundle(_FOLDER / FOLDER_NAME)

    def __init__(self) -> None:
        self._feedback = feedback.from_environment()
        reloader = Reloader(self.bundle.manifest, self._load, self._take)
        self.answers = self._load()
        PAGE.warm_up(self.answers)
        if OPERATION.reload_every_s:
            reloader.watch(OPERATION.reload_every_s)

    def _load(self) -> "Answers":
        # The process that starts the workers does without what this brings, above all pandas.
        from cartelera.service.answering.health import try_out
        from cartelera.service.bundle.loading import load

        answers = try_out(load(self.bundle, self._feedback))
        answers.on_answer = metrics.count_answer
        return answers

    def _take(self, answers: "Answers") -> None:
        self.answers = answers
        pass_over_what_is_loaded()

    @bentoml.on_deployment
    @staticmethod
    def check_bundle() -> None:
        """Stop `bentoml serve` before any worker starts when the data is missing or damaged."""
        try:
            Cartelera.inner.bundle.verify()
        except InputError as error:
            raise BentoMLConfigException(str(error)) from error

    @_endpoint(questions.MaxDurationQuestion)
    def get_max_duration(self, **given: Any) -> catalogue.MaxDuration:
        """Give the longest title; minutes and seasons are never compared."""
        question = questions.MaxDurationQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))

    @_endpoint(questions.ScoreCountQuestion)
    def get_score_count(self, **given: Any) -> catalogue.ScoreCount:
        """Count the titles with a score strictly above `scored`."""
        question = questions.ScoreCountQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))

    @_endpoint(questions.CountPlatformQuestion)
    def get_count_platform(self, **given: Any) -> catalogue.PlatformCount:
        """Count the titles of a platform, or of all."""
        question = questions.CountPlatformQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))

    @_endpoint(questions.ActorQuestion)
    def get_actor(self, **given: Any) -> catalogue.TopActor:
        """Give the actor in most titles."""
        question = questions.ActorQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))

    @_endpoint(questions.PredictQuestion)
    def predict(self, **given: Any) -> replies.Prediction:
        """Predict what a user would rate a title, and whether that recommends it."""
        question = questions.PredictQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))

    @_endpoint(questions.PredictBatchQuestion, batchable=True, max_batch_size=_LARGEST_BATCH)
    def predict_batch(
        self, pairs: list[questions.PredictQuestion]
    ) -> list[replies.Prediction | Problem]:
        """Predict many pairs at once; pairs of questions that come together share one batch."""
        return self.answers.predict_many([(pair.user_id, pair.title_id) for pair in pairs])

    @_endpoint(questions.RecommendQuestion)
    def recommend(self, **given: Any) -> list_replies.RecommendationList:
        """Return the titles that suit a user best and why, without those rated already."""
        question = questions.RecommendQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))

    @_endpoint(questions.RecommendNewQuestion)
    def recommend_new(self, **given: Any) -> list_replies.RecommendationList:
        """Return the titles that suit somebody new best and why, from a few ratings."""
        question = questions.RecommendNewQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))

    @_endpoint(questions.ToRateQuestion)
    def to_rate(self, **given: Any) -> list_replies.TitlesToRate:
        """Return titles for a newcomer to rate first: known to many, and different."""
        question = questions.ToRateQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))

    @_endpoint(questions.RateQuestion)
    def rate(self, **given: Any) -> replies.Receipt:
        """Receive a rating: kept once this answers, seen at once, learnt from in the next run."""
        question = questions.RateQuestion.model_construct(**given)
        return _reply(lambda: question.ask(self.answers))


for layer, options in layers(OPERATION, KEYS, QUESTIONS, CATALOGUE_PATHS, _current_answers):
    Cartelera.add_asgi_middleware(cast(Any, layer), **options)
