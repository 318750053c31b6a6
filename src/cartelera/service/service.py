"""The BentoML service: native POST endpoints, and the routes of `routes` under `/api`.

The data lies beside the code: a built Bento holds `src/cartelera/` and `src/bundle/`, and the class
finds the second from this file. A reference to BentoML's model store would need that store wherever
the service runs; so the folder serves from anywhere, with an empty store, and the model's versions
live in one registry only, MLflow's.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import bentoml
from bentoml.exceptions import BentoMLConfigException
from pydantic import create_model
from starlette.requests import Request

from cartelera.catalogue.arguments import QueryError
from cartelera.errors import InputError
from cartelera.service.answering import feedback
from cartelera.service.answering.replies import Prediction
from cartelera.service.api.pages import create_index
from cartelera.service.api.routes import create_api
from cartelera.service.bundle.last_good import keep, load_or_last_good
from cartelera.service.bundle.layout import FOLDER_NAME, Bundle
from cartelera.service.garbage import freeze_loaded_objects
from cartelera.service.middleware import metrics
from cartelera.service.middleware.keys import read_keys
from cartelera.service.middleware.layers import layers
from cartelera.service.middleware.request_validation import QUESTION
from cartelera.service.operations import OPERATIONS
from cartelera.service.operations.definition import HttpOperation, Question
from cartelera.service.operations.recommendations import PredictBatchQuestion, PredictQuestion
from cartelera.service.page.mount import Page
from cartelera.service.parameters import MOST_PAIRS
from cartelera.service.problems import Problem, Refused, from_query
from cartelera.service.reloading import Reloader
from cartelera.service.service_settings import ServiceSettings
from cartelera.service.supervision import end_with_parent, supervise

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers

NATIVE = {operation.name: operation for operation in OPERATIONS if operation.is_native}
QUESTIONS = {
    f"/{name}": operation.question for name, operation in NATIVE.items() if operation.question
}
CACHED = {
    f"/api{operation.path}": operation.reply.__name__
    for operation in OPERATIONS
    if operation.is_cached
}

_FOLDER = Path(__file__).resolve().parents[2]
try:
    SETTINGS, KEYS = ServiceSettings.read(_FOLDER), read_keys()
except InputError as problem:
    raise BentoMLConfigException(str(problem)) from problem


def _current_answers() -> "Answers":
    return bentoml.get_current_service().answers


METRICS_FOLDER = metrics.count_apart()
if METRICS_FOLDER is not None:  # this is no worker
    supervise()
PAGE = Page(_current_answers, is_locked=bool(KEYS))


def _input_of(question: type[Question]) -> Any:
    """Make what BentoML reads a question as: it takes the one that was read and checked before."""

    async def read(request: Request, _serde: object) -> Question:
        return request.scope[QUESTION]

    bases = (bentoml.IODescriptor, question)
    kind = create_model(f"{question.__name__}IODescriptor", __base__=bases)
    cast(Any, kind).from_http_request = read
    return kind


def _endpoint(operation: HttpOperation) -> Any:
    """Make BentoML's endpoint of an operation."""
    question = cast(type[Question], operation.question)

    def endpoint(self: Any, **given: Any) -> Any:
        try:
            return operation.function(self.answers, question=question.model_construct(**given))
        # A refusal is the response itself, which BentoML passes on as it is.
        except Refused as refused:
            return refused.response()
        except QueryError as error:
            return from_query(error).response()

    endpoint.__name__ = operation.name
    endpoint.__doc__ = operation.description
    endpoint.__annotations__["return"] = operation.reply
    return bentoml.api(input_spec=_input_of(question))(endpoint)


# BentoML finds endpoints by their names in the class it is given, and in what that inherits.
_Endpoints: Any = type(
    "_Endpoints", (), {name: _endpoint(operation) for name, operation in NATIVE.items()}
)


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
    workers=SETTINGS.workers,
    threads=4,
    traffic={"timeout": SETTINGS.timeout_s},
    logging={"access": {"enabled": False}},
)
@bentoml.asgi_app(create_index(), path="/")
@bentoml.asgi_app(PAGE, path="/ui")
@bentoml.asgi_app(create_api(_current_answers), path="/api")
class Cartelera(_Endpoints):
    """Questions about streaming catalogues, predicted ratings and recommendations."""

    bundle = Bundle(_FOLDER / FOLDER_NAME)

    def __init__(self) -> None:
        end_with_parent()
        self._feedback = feedback.from_environment()
        reloader = Reloader(self.bundle.manifest, lambda: self._load(self.bundle), self._take)
        self.answers = load_or_last_good(self._load, self.bundle, metrics.folder())
        PAGE.warm_up(self.answers)
        if SETTINGS.reload_every_s:
            reloader.watch(SETTINGS.reload_every_s)

    def _load(self, bundle: Bundle) -> "Answers":
        # The process that starts the workers does without what this brings, above all pandas.
        from cartelera.service.answering.health import try_out
        from cartelera.service.bundle.loading import load

        answers = try_out(load(bundle, self._feedback))
        if bundle == self.bundle and (folder := metrics.folder()):
            keep(bundle, folder)
        answers.on_answer = metrics.count_answer
        metrics.mark_loaded()
        return answers

    def _take(self, answers: "Answers") -> None:
        self.answers = answers
        freeze_loaded_objects()

    @bentoml.on_deployment
    @staticmethod
    def check_bundle() -> None:
        """Stop `bentoml serve` before any worker starts when the data is missing or damaged."""
        try:
            Cartelera.inner.bundle.verify()
        except InputError as error:
            raise BentoMLConfigException(str(error)) from error

    # The one whose parts BentoML joins: its answer is a list, one part for each pair.
    @bentoml.api(
        input_spec=_input_of(PredictBatchQuestion),
        batchable=True,
        max_batch_size=10 * MOST_PAIRS,
    )
    def predict_batch(self, pairs: list[PredictQuestion]) -> list[Prediction | Problem]:
        """Predict many pairs at once; pairs of questions that come together share one batch."""
        return self.answers.predict_many([(pair.user_id, pair.title_id) for pair in pairs])


for layer, options in layers(SETTINGS, KEYS, QUESTIONS, CACHED, _current_answers):
    Cartelera.add_asgi_middleware(cast(Any, layer), **options)
