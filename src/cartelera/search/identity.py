"""What makes two studies the same one: equal ratings, equal settings and equal code.

Code is equal if the definitions that a fit comes by are, wherever they stand: from a function or
class on, all names it uses are followed through this package. Comments, docstrings, annotations and
layout are no part of it, nor is code that no trial passes through.
"""

import ast
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

_PACKAGE: Final = "cartelera"
_SOURCE: Final = Path(__file__).parents[2]

Definition = tuple[str, str]
"""A module and a name that is defined in it."""


def digest_of_ratings(ratings: pd.DataFrame) -> str:
    """Return a digest of a table's columns and values, in their order."""
    digest = hashlib.sha256(",".join(ratings.columns).encode())
    digest.update(pd.util.hash_pandas_object(ratings, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def digest_of_study(
    ratings_digest: str, settings: dict[str, Any], starts: Sequence[Callable[..., Any]]
) -> str:
    """Return a digest of all that the trials of a study share: data, settings, code and Optuna.

    Args:
        ratings_digest: See `digest_of_ratings`.
        settings: Those that decide what the trials are, as plain data.
        starts: The functions and classes that draw and fit a trial.
    """
    code = {f"{module}.{name}": text for (module, name), text in definitions_of(starts).items()}
    identity = [ratings_digest, code, version("optuna"), settings]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def definitions_of(starts: Sequence[Callable[..., Any]]) -> dict[Definition, str]:
    """Return the text of every definition of this package that some are made of, their own first.

    Args:
        starts: Functions and classes of this package; of a method its whole class counts.
    """
    waiting: list[Definition] = [
        (start.__module__, start.__qualname__.partition(".")[0]) for start in starts
    ]
    found: dict[Definition, str] = {}
    seen: set[Definition] = set()
    while waiting:
        module, name = definition = waiting.pop()
        if definition in seen:
            continue
        seen.add(definition)
        path = _path_of(module)
        if path is None:
            continue

        source = _parse(module, path.read_text(encoding="utf-8"))
        if name in source.definitions:
            nodes = source.definitions[name]
            found[definition] = "\n".join(ast.unparse(node) for node in nodes)
            waiting += [used for node in nodes for used in source.uses(node)]
        elif name in source.imports:  # a package that hands on what its modules define
            waiting.append(source.imports[name])
    return found


class _Module:
    """The definitions of one module, and what the names in it stand for."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._tree = _Bare().visit(ast.parse(text))

    @cached_property
    def definitions(self) -> dict[str, list[ast.stmt]]:
        """The statements that define each name: functions, classes and assignments."""
        found: dict[str, list[ast.stmt]] = {}
        for node in self._tree.body:
            for name in _defined_by(node):
                found.setdefault(name, []).append(node)
        return found

    def uses(self, node: ast.AST) -> Iterator[Definition]:
        """Yield what a definition refers to, in this module and in others of this package."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                yield self.imports.get(part.id, (self._name, part.id))
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                module = self.imports.get(part.value.id)
                if module is not None:  # such as `c.RATING`
                    yield ".".join(module), part.attr

    @cached_property
    def imports(self) -> dict[str, Definition]:
        """What each imported name of this package stands for."""
        imported: dict[str, Definition] = {}
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE):
                for alias in node.names:
                    imported[alias.asname or alias.name] = (str(node.module), alias.name)
        return imported


class _Bare(ast.NodeTransformer):
    """Takes away what decides no number: docstrings and annotations."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Pass() if is_text else self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def _defined_by(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    for target in targets:
        if target is not None:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _path_of(module: str) -> Path | None:
    """Return the file of a module of this package; None if it is none."""
    place = _SOURCE.joinpath(*module.split("."))
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)


@lru_cache(maxsize=512)
def _parse(name: str, text: str) -> _Module:
    return _Module(name, text)
