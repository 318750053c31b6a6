import ast

import pytest

from cartelera.search import identity
from cartelera.search.study import decisive_code, study_name

OF_ALL_MODELS = {
    "cartelera.ratings.split",
    "cartelera.search.components",
    "cartelera.search.space",
    "cartelera.models.model_parameters",
    "cartelera.search.warm_start",
}
OF_STARS = {
    f"cartelera.factorization.{name}"
    for name in (
        "blocks", "fast_kernels", "fitting", "gradient_descent", "kernels", "lanes", "parameters", "parts",
        "rating_matrix", "recommender", "svd", "trainsets",
    )
}  # fmt: skip
OF_LISTS = {
    "cartelera.evaluation.metrics.ndcg",
    *(f"cartelera.factorization.{name}" for name in ("lanes", "selection")),
    *(
        f"cartelera.ranking.{name}"
        for name in ("fit", "histories", "model", "parameters", "truncated_svd", "weights")
    ),
}


@pytest.fixture
def edit(tmp_path, monkeypatch):
    """Has a module read with other text."""

    def put(module: str, old: str, new: str) -> None:
        known = identity._path_of
        text = known(module).read_text()
        assert old in text
        changed = tmp_path / "changed.py"
        changed.write_text(text.replace(old, new, 1))
        monkeypatch.setattr(
            identity, "_path_of", lambda name: changed if name == module else known(name)
        )

    return put


def modules_of(model: str) -> set[str]:
    return {module for module, _ in identity.definitions_of(decisive_code(model))}


@pytest.mark.parametrize(
    ("model", "decisive"),
    [
        (
            "svd",
            {*OF_ALL_MODELS, *OF_STARS, "cartelera.search.fits", "cartelera.search.star_objective"},
        ),
        ("ranking", {*OF_ALL_MODELS, *OF_LISTS, "cartelera.search.list_objective"}),
    ],
)
def test_all_code_that_decides_a_trial_is_in_its_studys_name(model, decisive):
    assert decisive <= modules_of(model)


@pytest.mark.parametrize("model", ["svd", "ranking"])
def test_what_keeps_watches_and_distributes_a_study_is_not(model):
    bystanders = (
        "cluster",
        "database",
        "execution",
        "journal_file",
        "observers",
        "plots",
        "result",
    )

    assert not modules_of(model) & {f"cartelera.search.{name}" for name in bystanders}


def test_the_models_know_nothing_of_each_other():
    assert not any("cartelera.ranking.fit" in module for module in modules_of("svd"))
    assert "cartelera.factorization.svd" not in modules_of("ranking")


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("cartelera.search.fits", "min(n_threads, len(self.parts))", "1"),
        (
            "cartelera.factorization.recommender",
            "SHRINKAGE: Final = 10.0",
            "SHRINKAGE: Final = 9.0",
        ),
    ],
)
def test_other_code_is_another_study(ratings, settings, edit, module, old, new):
    name = study_name(ratings, settings)

    edit(module, old, new)

    assert study_name(ratings, settings) != name


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("cartelera.search.fits", "N_THREADS: Final", "# A parameter.\nN_THREADS: Final"),
        ("cartelera.search.fits", "Whether a step is an epoch", "If a step is an epoch"),
        ("cartelera.search.fits", "def has_curve(self) -> bool", "def has_curve(self)"),
        ("cartelera.search.plots", "set_dpi(110)", "set_dpi(90)"),
        ("cartelera.search.observers", "so far, the time left", "so far, time left"),
    ],
)
def test_words_and_pictures_do_not_make_another_study(ratings, settings, edit, module, old, new):
    name = study_name(ratings, settings)

    edit(module, old, new)

    assert study_name(ratings, settings) == name


def test_examples_are_no_code():
    bare = identity._Bare().visit(
        ast.parse('def f(x: int = 1) -> int:\n    """Doc."""\n    return x')
    )

    assert ast.unparse(bare) == "def f(x=1):\n    pass\n    return x"
