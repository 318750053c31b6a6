"""Change the code in small ways, one at a time, and see whether the tests notice.

`modules.yaml` says what is changed and which tests look; `equivalent.yaml` which changes change
nothing, and why. A copy of the project is changed, never the project itself.
"""

import argparse
import ast
import random
import re
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.plugins import get_operator, operator_names
from cosmic_ray.testing import run_tests
from cosmic_ray.work_item import MutationSpec, TestOutcome
from rich.console import Console

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
COPIED = ("src", "tests", "conf", "pyproject.toml")
PACKAGE = Path("src/cartelera")
SLOWEST, SPARE_S = 4, 10
"""A test run may take so many times what it takes on unchanged code, and so long beyond that."""

say = Console(highlight=False, markup=False, soft_wrap=True).print


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed.

    Attributes:
        module: Where, below the package.
        old: The line as it stands.
        new: The line as it was changed.
        line: Its number.
    """

    module: str
    old: str
    new: str
    line: int


def main() -> None:
    """Draw the changes, try them, and end with status 1 if too few were noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="modules whose path holds this")
    parser.add_argument("--sample", type=int, help="so many changes instead of those of the file")
    options = parser.parse_args()
    plan = yaml.safe_load((HERE / "modules.yaml").read_text())
    n_mutants = options.sample or plan["n_mutants"]

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy_project(copy)
        modules = {path: tests for path, tests in plan["modules"].items() if options.only in path}
        found = [each for path in modules for each in _changes(copy / PACKAGE / path, plan)]
        drawn = random.Random(plan["seed"]).sample(found, min(n_mutants, len(found)))
        survivors = _try(drawn, modules, copy)
    _report(survivors, len(drawn), len(found), plan["noticed_at_least"])


def _copy_project(copy: Path) -> None:
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name)
        else:
            shutil.copy2(ROOT / name, copy)


def _changes(path: Path, plan: dict[str, Any]) -> Iterator[MutationSpec]:
    """Find all changes of a module; those within annotations break at import and prove nothing."""
    wanted = re.compile("core/(" + "|".join(plan["operators"]) + ")")
    tree = get_ast_from_path(path)
    annotations = list(_annotations(path))
    for name in filter(wanted.fullmatch, operator_names()):
        operator = get_operator(name)()
        positions = (
            place for node in ast_nodes(tree) for place in operator.mutation_positions(node)
        )
        for occurrence, (start, end) in enumerate(positions):
            if not any(first <= start and end <= last for first, last in annotations):
                yield MutationSpec(path, name, occurrence, start, end)


def _annotations(path: Path) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for node in ast.walk(ast.parse(path.read_text())):
        for name in ("annotation", "returns"):
            if isinstance(found := getattr(node, name, None), ast.expr):
                assert found.end_lineno is not None and found.end_col_offset is not None
                yield (found.lineno, found.col_offset), (found.end_lineno, found.end_col_offset)


def _try(drawn: list[MutationSpec], modules: dict[str, list[str]], copy: Path) -> list[Survivor]:
    """Try each change against its module's tests, which have to pass without it."""
    limits: dict[str, float] = {}
    survivors: list[Survivor] = []
    for number, change in enumerate(sorted(drawn, key=lambda each: str(each.module_path)), 1):
        module = str(Path(change.module_path).relative_to(copy / PACKAGE))
        command = _command(copy, modules[module])
        if command not in limits:
            begin = time.perf_counter()
            outcome, output = run_tests(command, None)
            if outcome != TestOutcome.SURVIVED:
                sys.exit(f"{modules[module]} fail on unchanged code:\n{output}")
            limits[command] = SLOWEST * (time.perf_counter() - begin) + SPARE_S

        result = mutate_and_test([change], command, limits[command])
        if result.test_outcome == TestOutcome.INCOMPETENT:
            sys.exit(f"{module} cannot be changed:\n{result.output}")
        if result.test_outcome == TestOutcome.SURVIVED:
            survivors.append(_survivor(module, str(result.diff)))
            say(f"{number}/{len(drawn)}", _line(survivors[-1]))
    return survivors


def _command(copy: Path, tests: list[str]) -> str:
    variables = ["env", f"PYTHONPATH={copy / 'src'}", sys.executable, "-m", "pytest"]
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not e2e"]
    paths = [str(copy / "tests" / each) for each in tests]
    return shlex.join([*variables, *options, f"--rootdir={copy}", *paths])


def _survivor(module: str, diff: str) -> Survivor:
    """Read the one line that changed from a diff; the first, where a change takes several."""
    lines = diff.splitlines()
    old = next(each[1:] for each in lines if each.startswith("-") and not each.startswith("---"))
    new = next(each[1:] for each in lines if each.startswith("+") and not each.startswith("+++"))
    place = next(place for place, each in enumerate(lines) if each == f"-{old}")
    hunk = max(at for at, each in enumerate(lines[:place]) if each.startswith("@@"))
    begin = int(re.match(r"@@ -(\d+)", lines[hunk])[1])  # type: ignore[index]
    before = sum(not each.startswith("+") for each in lines[hunk + 1 : place])
    return Survivor(module, old.strip(), new.strip(), begin + before)


def _report(survivors: list[Survivor], n_drawn: int, n_found: int, at_least: float) -> None:
    known = yaml.safe_load((HERE / "equivalent.yaml").read_text())
    unnoticed = [each for each in survivors if not _is_equivalent(each, known)]
    n_changing = n_drawn - len(survivors) + len(unnoticed)
    share = 1 - len(unnoticed) / n_changing

    say(f"\n{n_drawn} of {n_found:,} changes; {n_drawn - n_changing} change nothing.")
    say(f"{n_changing - len(unnoticed)} of {n_changing} noticed, {share:.1%}. Not noticed:\n")
    for each in unnoticed:
        say(_line(each))
    sys.exit(share < at_least)


def _is_equivalent(survivor: Survivor, known: dict[str, list[dict[str, str]]]) -> bool:
    is_kind = any(re.fullmatch(each["lines"], survivor.old) for each in known["kinds"])
    return is_kind or any(
        (each["module"], each["old"], each["new"]) == (survivor.module, survivor.old, survivor.new)
        for each in known["exactly"]
    )


def _line(survivor: Survivor) -> str:
    return f"{survivor.module}:{survivor.line}\n  - {survivor.old}\n  + {survivor.new}"


if __name__ == "__main__":
    main()
