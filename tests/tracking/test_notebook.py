"""The notebook that compares runs, cell by cell, on a small store."""

import json
from pathlib import Path

import pytest

from cartelera.tracking.runs import Kind, Tracker
from cartelera.tracking.trial_runs import TrialRuns

from .test_trial_runs import Trial, run_trial

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "compare_runs.ipynb"


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg")
def test_models_and_trials_are_found(new_store, tmp_path, monkeypatch):
    uri = new_store(tmp_path)
    for name, ndcg in (("worse", 0.1), ("better", 0.2)):
        with Tracker(uri, "cartelera").run("train", name=name) as run:
            run.metrics({"model": {"ndcg_at_k": ndcg}})
    search = Tracker(uri, "cartelera", kind=Kind.search)
    with search.run("search") as study:
        observer = TrialRuns(search, study)
        observer.study_opened("svd-1", 0, 2)
        for trial in (Trial(0), Trial(1, "pruned")):
            run_trial(observer, trial)

    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    found: dict = {}
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        assert not cell.get("outputs"), "cleared before it was committed"
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), found)

    assert sorted(found["models"]["metrics.model.ndcg_at_k"]) == [0.1, 0.2]
    assert found["trials"]["metrics.valid_rmse"].tolist() == [0.9]
    assert found["trials"]["params.n_factors"].tolist() == ["8"]
