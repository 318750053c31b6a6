import os

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from cartelera.search.journal_file import OwnedJournalFile


def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    for step in range(50):
        trial.report(x + step, step)
    trial.set_user_attr("note", [1, None, "ñ"])
    return x


def test_optunas_own_backend_reads_the_same_study(tmp_path):
    path = tmp_path / "journal"
    study = optuna.create_study(storage=JournalStorage(OwnedJournalFile(path)), study_name="s")
    study.optimize(objective, n_trials=3)

    (ours, theirs) = (
        optuna.load_study(study_name="s", storage=JournalStorage(backend)).trials
        for backend in (OwnedJournalFile(path), JournalFileBackend(str(path)))
    )

    assert ours == theirs == study.trials
    assert len(ours) == 3


@pytest.fixture
def syncs(monkeypatch):
    calls = []
    monkeypatch.setattr(os, "fsync", calls.append)
    return calls


def test_the_disk_is_waited_for_at_the_beginning_and_the_end_of_a_trial_only(tmp_path, syncs):
    storage = JournalStorage(OwnedJournalFile(tmp_path / "journal"))
    study = optuna.create_study(storage=storage)
    before = len(syncs)

    study.optimize(objective, n_trials=3)

    assert len(syncs) - before == 2 * 3


def test_every_entry_is_in_the_file_at_once(tmp_path, syncs):
    path = tmp_path / "journal"
    study = optuna.create_study(storage=JournalStorage(OwnedJournalFile(path)))
    trial = study.ask()
    for step in range(3):
        trial.report(0.5, step)
        assert f'"step":{step},'.encode() in path.read_bytes()
