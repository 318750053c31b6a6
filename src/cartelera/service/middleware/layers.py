"""The ASGI layers around the service, from the outside in, and what each is given."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.middleware.cors import CORSMiddleware

from cartelera.service.middleware import login
from cartelera.service.middleware.access_control import AccessControl
from cartelera.service.middleware.caching import AnswerCache
from cartelera.service.middleware.keys import Keys
from cartelera.service.middleware.limits import HEALTH_PATHS, Limits
from cartelera.service.middleware.observation import Observer
from cartelera.service.middleware.request_validation import RequestValidation
from cartelera.service.operations.definition import Question
from cartelera.service.service_settings import ServiceSettings

if TYPE_CHECKING:
    from cartelera.service.answering.answers import Answers

Layer = tuple[Callable[..., Any], dict[str, Any]]


def layers(
    settings: ServiceSettings,
    keys: list[str],
    questions: Mapping[str, type[Question]],
    cached: Mapping[str, str],
    source: "Callable[[], Answers]",
) -> list[Layer]:
    """List the layers.

    Args:
        settings: The settings.
        keys: The API keys; none opens the service to all.
        questions: The parameters of each native POST endpoint, by path.
        cached: The kind of answer of each GET path whose answers depend on its query string and the
            bundle alone.
        source: Gives what answers just now: cached answers are its, and it knows what is allowed.

    Returns:
        Classes with their options, for `add_asgi_middleware` in this order.
    """
    opened = Keys(keys, settings.session_hours * 3600) if keys else None
    paths = ["/", "/metrics", "/schema.json", *login.PATHS, *HEALTH_PATHS, *questions, *cached]
    found: list[Layer] = [(Observer, {"settings": settings, "paths": paths})]
    if settings.cors_origins:
        found.append((CORSMiddleware, _cors(settings)))
    return [
        *found,
        # Of whoever has no key, no body is read.
        (AccessControl, {"settings": settings, "keys": opened}),
        (Limits, {"settings": settings}),
        (RequestValidation, {"questions": questions, "allowed": lambda: source().settings.allowed}),
        (AnswerCache, {"kinds": cached, "source": source}),
    ]


def _cors(settings: ServiceSettings) -> dict[str, Any]:
    return {
        "allow_origins": settings.cors_origins,
        "allow_methods": ["DELETE", "GET", "POST"],
        "allow_headers": ["Authorization", "Content-Type", "X-API-Key"],
        "expose_headers": ["X-Request-ID", "Retry-After"],
    }
