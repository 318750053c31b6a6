"""What the OpenAPI document says beyond each operation: what all share, units and descriptions."""

import inspect
import json
import re
from typing import Any, Final, cast

from cartelera.catalogue.arguments import YEARS, Years
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.ratings.scale import RatingScale
from cartelera.service.answering.title_info import TitleDetail, TitleInfo
from cartelera.service.operations import OPERATIONS
from cartelera.service.parameters import BOUNDS, OF_PLATFORMS, OF_RATINGS, OF_YEARS
from cartelera.service.problems import Problem

TITLE: Final = "Cartelera"
DESCRIPTION: Final = """\
Questions about the catalogues of streaming platforms, predicted ratings and recommendations.

* Ratings, scores and predictions are in **stars**, ratings {scale}; durations in minutes or
  seasons, as `duration_type` says; times in seconds since 1970-01-01 UTC unless a text says
  otherwise.
* A bad question gets a 4xx answer `{error, allowed}`: what is wrong, and what is allowed. A
  question that nothing matches gets an explicit empty answer.
* A parameter left blank counts as left out. Words are taken in any case.
* Two models answer: the **ranking model** orders lists, the **rating model** predicts stars. A list
  is made from the user's ratings as they are when it is asked for.
* `origin` says where a predicted rating comes from: `model` (the user's ratings were learnt),
  `fold-in` (the user is known by ratings given since), or `fallback` (nothing is known of the user
  or the title, so the mean stands in). That of a list is `ranking` (made from the user's ratings)
  or `popularity` (nothing is known of the user); that of a title in it is one of these, or
  `content` (nobody has rated it, but it is like what the user rated).
* The same film or series on several platforms (same title, type and year) is one **work**: titles
  with the same `work_id`. Rated or seen on one platform is rated and seen on all; a list names a
  work once, with the other versions that pass the filters as `also_on`. If somebody rates several
  versions, the latest rating counts.

The four questions and `predict`, `predict_batch`, `recommend`, `recommend_new`, `to_rate` and
`rate` also take POST with a JSON body at `/<name>`, for BentoML's clients.
"""
TAGS: Final = [
    {"name": "catalogue", "description": "What there is to watch."},
    {"name": "recommendations", "description": "What to watch next, and why."},
    {"name": "users", "description": "What is known of users, and what they tell."},
    {"name": "model", "description": "What lists and predictions come from."},
]

_DEFAULT_SCALE: Final = RatingScale()
_EXAMPLES: Final = {operation.name: operation.example for operation in OPERATIONS}
_NULL: Final = {"type": "null"}
_BASES: Final = {TitleDetail.__name__: TitleInfo.__name__}
"""Whose fields an answer has besides its own."""


def complete(
    document: dict[str, Any],
    scale: RatingScale = _DEFAULT_SCALE,
    years: Years = YEARS,
    platforms: Platforms = PUBLISHED,
) -> dict[str, Any]:
    """Add an example to every answer and a description to every field of one, in place.

    FastAPI would drop the nulls in an example.

    Args:
        document: What FastAPI made.
        scale: That of the ratings.
        years: The first and the last release year.
        platforms: The platforms there are.
    """
    for path in document["paths"].values():
        for endpoint in path.values():
            answer = endpoint["responses"]["200"]["content"]["application/json"]
            answer["example"] = _EXAMPLES[endpoint["operationId"]]
    document.update(_of_platforms(document, platforms))

    info = document["info"]
    info["description"] = info["description"].replace("{scale}", str(scale))
    bounds = {
        OF_RATINGS: _of_scale(scale),
        OF_YEARS: _of_years(years),
        OF_PLATFORMS: {"enum": list(platforms.names), "examples": [platforms.names[0]]},
    }
    _fill_in_bounds(document, bounds)
    for path in document["paths"].values():
        for endpoint in path.values():
            for parameter in endpoint.get("parameters", ()):
                _describe_parameter(parameter)
    schemas = document["components"]["schemas"]
    schemas[Problem.__name__]["properties"]["allowed"]["examples"] = [list(platforms.names)]
    texts: dict[str, dict[str, str]] = {}
    for name, schema in schemas.items():
        schema["description"], texts[name] = _described_fields(schema.get("description", ""))
    for name, schema in schemas.items():
        for field, content in schema.get("properties", {}).items():
            text = texts[name].get(field) or texts.get(_BASES.get(name, ""), {}).get(field)
            if text is not None:
                content.setdefault("description", text)
            _lift_description(content)
    return document


def _of_platforms(document: dict[str, Any], platforms: Platforms) -> dict[str, Any]:
    """Return a document whose examples have the platforms there are, not the published ones."""
    names = platforms.names
    now = {
        one.name: platforms[one.name if one.name in names else names[place % len(names)]]
        for place, one in enumerate(PUBLISHED)
    }
    by_initial = {one.initial: now[one.name] for one in PUBLISHED}

    text = json.dumps(document).replace(json.dumps(PUBLISHED.names), json.dumps(names))
    text = re.sub(rf"\b({'|'.join(now)})\b", lambda found: now[found[1]].name, text)
    ids = rf'"({"|".join(by_initial)})(s\d+)"'
    text = re.sub(ids, lambda found: f'"{by_initial[found[1]].title_id(found[2])}"', text)
    return json.loads(text)


def _of_scale(scale: RatingScale) -> dict[str, Any]:
    bounds = {"minimum": scale.low, "maximum": scale.high}
    # JSON Schema knows no grid that starts elsewhere than at 0.
    starts_at_0 = RatingScale(0, scale.high, scale.step).holds(scale.low)
    return {**bounds, "multipleOf": scale.step} if starts_at_0 else bounds


def _of_years(years: Years) -> dict[str, Any]:
    return {"minimum": years[0], "maximum": years[1]}


def _fill_in_bounds(part: Any, bounds: dict[str, dict[str, Any]]) -> None:
    """Say, wherever the settings bound a number, what its bounds are, in place."""
    if isinstance(part, dict):
        content = cast(dict[str, Any], part)
        if kind := content.pop(BOUNDS, None):
            content.pop("exclusiveMaximum", None)
            content.update(bounds[kind])
        for inner in content.values():
            _fill_in_bounds(inner, bounds)
    elif isinstance(part, list):
        for inner in cast(list[Any], part):
            _fill_in_bounds(inner, bounds)


def _describe_parameter(parameter: dict[str, Any]) -> None:
    """Say of what may be left out what it is, where readers look; null cannot be sent."""
    schema = parameter["schema"]
    if kind := _only_kind(schema):
        del schema["anyOf"]
        schema |= kind
    if "description" in schema:
        parameter.setdefault("description", schema["description"])


def _lift_description(field: dict[str, Any]) -> None:
    kind = _only_kind(field)
    if "description" in kind:
        field.setdefault("description", kind["description"])


def _only_kind(field: dict[str, Any]) -> dict[str, Any]:
    """Return what a field is when it is not null; empty if that is not one thing."""
    kinds = [kind for kind in field.get("anyOf", ()) if kind != _NULL]
    return kinds[0] if len(kinds) == 1 else {}


def _described_fields(docstring: str) -> tuple[str, dict[str, str]]:
    """Split a class's docstring into its summary and the texts of its attributes."""
    summary, _, attributes = inspect.cleandoc(docstring).partition("\n\nAttributes:\n")
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", attributes, flags=re.MULTILINE)
    return summary, {name: " ".join(text.split()) for name, text in entries}
