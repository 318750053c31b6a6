import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from cartelera.search.identity import DECISIVE_MODULES, RANKING_MODULES
from cartelera.search.study import study_name

# Imported by what decides a trial, without a say in it.
BYSTANDERS = {
    "cartelera",
    "cartelera.accounting",
    "cartelera.columns",
    "cartelera.errors",
    "cartelera.factorization",
    "cartelera.factorization.factors",
    "cartelera.factorization.fold_in",
    "cartelera.factorization.model_arrays",
    "cartelera.factorization.model_files",
    "cartelera.factorization.scoring",
    "cartelera.factorization.selection",
    "cartelera.factorization.similar",
    "cartelera.factorization.top_k",
    "cartelera.files",
    "cartelera.ratings",
    "cartelera.search",
    "cartelera.search.execution",
    "cartelera.ranking",
    "cartelera.search.executors",
    "cartelera.search.measures",
    "cartelera.search.observers",
    "cartelera.search.settings",
    "cartelera.search.stopping",
}


def loaded_by(starts):
    code = "import sys; " + "".join(f"import cartelera.search.{name}; " for name in starts)
    code += "print(*(name for name in sys.modules if name.split('.')[0] == 'cartelera'))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )

    return set(loaded.stdout.split()) - BYSTANDERS


def test_all_code_that_decides_a_trial_is_in_its_studys_name():
    loaded = loaded_by(("objective", "fits", "trials", "warm_start", "components"))

    assert loaded - {"cartelera.ranking.parameters"} == set(DECISIVE_MODULES)


def test_all_code_that_decides_a_ranking_trial_is_in_its_studys_name():
    loaded = loaded_by(("ranking_objective", "ranking_start", "trials", "warm_start", "components"))

    # Models of trials know no catalogue, and their lists are measured as they are.
    without_a_say = {
        f"cartelera.ranking.{name}"
        for name in (
            "arrays", "composing", "content", "content_features", "content_words", "diversity",
            "effects", "elicitation", "fitting", "profile", "ranker", "reasons", "scales", "similar",
            "taste", "top_k",
        )
    }  # fmt: skip
    without_a_say |= {"cartelera.evaluation", "cartelera.evaluation.accuracy"}
    of_the_other_model = set(DECISIVE_MODULES) - set(RANKING_MODULES)
    assert loaded - of_the_other_model - without_a_say == set(RANKING_MODULES) - BYSTANDERS


@pytest.mark.parametrize("module", ["cartelera.search.fits", "cartelera.factorization.kernels"])
def test_other_code_is_another_study(ratings, settings, tmp_path, monkeypatch, module):
    name = study_name(ratings, settings)
    changed = tmp_path / "changed.py"
    changed.write_text(Path(importlib.import_module(module).__file__).read_text() + "# changed\n")

    monkeypatch.setattr(importlib.import_module(module), "__file__", str(changed))

    assert study_name(ratings, settings) != name


def test_pictures_do_not_make_another_study(ratings, settings, tmp_path, monkeypatch):
    name = study_name(ratings, settings)

    monkeypatch.setattr(
        importlib.import_module("cartelera.search.plots"), "__file__", str(tmp_path / "gone.py")
    )

    assert study_name(ratings, settings) == name
