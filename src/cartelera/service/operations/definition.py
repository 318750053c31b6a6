"""What an operation is, and what the parameters of all have in common."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Final, Literal, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.fields import FieldInfo

from cartelera.service import parameters as p
from cartelera.service.answering.filters import Filters

Method = Literal["DELETE", "GET", "POST"]
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

_FILTERS: Final = frozenset(field.name for field in fields(Filters))

_NONE: Final[dict[int, str]] = {}
NO_TITLE: Final = {404: "No title has this id."}
_WRONG: Final = {422: "A parameter is missing or wrong."}
_TOO_LONG: Final = {414: "The path or the query is too long."}
_BODY: Final = {
    400: "The body is no JSON object.",
    413: "The body is too long.",
    415: "The body is not sent as JSON.",
}


class Question(BaseModel):
    """What all parameters share: null and blank mean left out, unknown names are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_blanks(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {
            name: value
            for name, value in cast(dict[str, Any], values).items()
            if value is not None and not (isinstance(value, str) and not value.strip())
        }

    def given(self) -> dict[str, Any]:
        """Return the parameters that were not left out."""
        return {name: value for name, value in self if value is not None}


def is_list(field: FieldInfo) -> bool:
    """Tell whether a parameter, given or left out, is a list."""
    plain = (
        get_args(kind)[0] if get_origin(kind) is Annotated else kind
        for kind in get_args(field.annotation)
    )
    return any(get_origin(kind) is list for kind in (field.annotation, *plain))


class ListQuestion(Question):
    """What all lists of titles share: filters and a length."""

    k: p.ListLength | None = None
    platforms: p.Platforms | None = None
    type: p.TitleType | None = None
    year_from: p.FirstYear | None = None
    year_to: p.LastYear | None = None
    genre: p.Genre | None = None
    min_minutes: p.LeastMinutes | None = None
    max_minutes: p.MostMinutes | None = None
    certificates: p.Certificates | None = None
    without: p.Without | None = None

    def filters(self) -> Filters:
        """Return the filters among the parameters."""
        given: dict[str, Any] = {
            name: tuple(cast(list[Any], value)) if isinstance(value, list) else value
            for name, value in self.given().items()
            if name in _FILTERS
        }
        return Filters(**given)


@dataclass(frozen=True)
class HttpOperation:
    """One thing the service answers.

    Attributes:
        name: Its id; where it is native, its path too.
        path: Below `/api`; names in braces are parameters.
        method: Of HTTP.
        tag: The group it is in.
        function: Called with `answers`, the parameters in the path, and the `question`.
        reply: The type of the answer.
        question: The other parameters, or none.
        in_path: The types of the parameters in the path, by name.
        refusals: Why it may be refused, by status.
        example: An answer.
        is_quick: Whether it is answered at once, without a thread of its own.
        is_native: Whether BentoML's clients may ask it too.
        is_cached: Whether its answers depend on the parameters and the bundle alone.
    """

    name: str
    path: str
    method: Method
    tag: str
    function: Callable[..., Any]
    reply: Any
    question: type[Question] | None
    in_path: Mapping[str, Any]
    refusals: Mapping[int, str]
    example: dict[str, Any]
    is_quick: bool = False
    is_native: bool = False
    is_cached: bool = False

    @property
    def description(self) -> str:
        """What it does."""
        return inspect.cleandoc(self.function.__doc__ or "")


class Operations:
    """The operations of one group.

    Args:
        tag: The group.

    Attributes:
        all: Those that were added.
    """

    def __init__(self, tag: str) -> None:
        self.all: list[HttpOperation] = []
        self._tag = tag

    def get(self, path: str, **options: Any) -> Callable[[FunctionT], FunctionT]:
        """Add what a function answers to GET; `options` are those of `_add`."""
        return lambda function: self._add(function, "GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[FunctionT], FunctionT]:
        """Add what a function answers to POST; `options` are those of `_add`."""
        return lambda function: self._add(function, "POST", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[FunctionT], FunctionT]:
        """Add what a function answers to DELETE; `options` are those of `_add`."""
        return lambda function: self._add(function, "DELETE", path, **options)

    def _add(
        self,
        function: FunctionT,
        method: Method,
        path: str,
        *,
        name: str = "",
        refusals: Mapping[int, str] = _NONE,
        **others: Any,
    ) -> FunctionT:
        """Add an operation: annotations and docstring of its function say what is not given.

        Args:
            function: Answers.
            method: Of HTTP.
            path: Below `/api`.
            name: That of the function, unless another one is given.
            refusals: Why it may be refused, besides what may be wrong with any request.
            **others: Other attributes of `HttpOperation`.
        """
        types = function.__annotations__
        in_path = {parameter: types[parameter] for parameter in re.findall(r"{(\w+)}", path)}
        question = types.get("question")

        usual = _NONE
        if method == "POST":
            usual = _WRONG | _BODY
        elif question or in_path:
            usual = _WRONG | _TOO_LONG
        operation = HttpOperation(
            name=name or function.__name__,
            path=path,
            method=method,
            tag=self._tag,
            function=function,
            reply=types["return"],
            question=question,
            in_path=in_path,
            refusals=dict(sorted({**usual, **refusals}.items())),
            **others,
        )
        self.all.append(operation)
        return function
