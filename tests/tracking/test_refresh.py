"""New ratings arrive night after night: the champion learns from them whoever wins."""

import shutil
from collections.abc import Callable

import pytest
from mlflow.artifacts import download_artifacts

from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.tracking.promotion import promote, roll_back
from cartelera.tracking.refresh import refresh_champion
from cartelera.tracking.versions import CHAMPION

from .conftest import save_models


def test_a_refused_candidate_leaves_a_champion_of_todays_ratings(
    versions, registering, refreshing, places, tmp_path
):
    registering(0.15, "a")
    assert refreshing("a") is None
    registering(0.14, "b")

    assert refreshing("b") is None

    assert places() == {"candidate": 2, "champion": 3}
    tags = versions.get(3).tags
    assert tags["cartelera.refit_of"] == "1"
    assert versions.get(3).description.startswith("Version 1 once more, on later ratings.")
    assert tags["cartelera.recipe_sha256"] == versions.get(1).tags["cartelera.recipe_sha256"]
    assert tags["cartelera.reason"] == versions.get(1).tags["cartelera.reason"]
    versions.fetch(versions.get(3), tmp_path / "fetched")
    of_night = 150 / 256 + ord("b") / 1024 + 0.125
    assert Factors.load(tmp_path / "fetched" / "shipped").global_mean == of_night


def test_the_same_night_is_fitted_once(versions, registering, refreshing):
    registering(0.15, "a")
    registering(0.14, "b")
    for _ in range(2):
        refreshing("b")
        registering(0.14, "b")

    assert len(versions.all()) == 3


def test_former_ratings_bring_back_the_former_version(registering, refreshing, places, versions):
    registering(0.15, "a")
    registering(0.14, "b")
    refreshing("b")

    registering(0.14, "a")
    refreshing("a")

    assert places()["champion"] == 1
    assert "cartelera.refit_of" not in versions.get(1).tags


def test_a_rollback_goes_to_another_recipe_and_holds_on_new_ratings(
    versions, registering, refreshing, places
):
    registering(0.13, "a")
    registering(0.15, "a")
    registering(0.14, "b")
    refreshing("b")
    assert places() == {"candidate": 3, "champion": 4, "previous": 1}

    assert roll_back(versions, "too few documentaries") == 1
    back = registering(0.15, "c")  # one received rating is enough for a new night
    refreshing("c")

    assert not back.is_champion
    assert "whose recipe this is or nearly so, was withdrawn: too few doc" in back.decision.reason
    assert places() == {"candidate": 5, "champion": 6}
    assert versions.get(6).tags["cartelera.refit_of"] == "1"

    promote(versions, 5, "there are more by now")
    assert registering(0.15, "d").is_champion
    refreshing("d")
    assert places()["champion"] == 7


def test_a_champion_that_cannot_be_fitted_again_stays_and_people_are_told(
    versions, registering, places
):
    registering(0.15, "a")
    registering(0.14, "b")

    def fail(*_: object) -> None:
        raise InputError("its learning rate is too high.")

    said = refresh_champion(versions, "b", fail)

    assert "version 1, has not learnt from the latest ratings" in said
    assert "learning rate" in said
    assert places()["champion"] == 1


def test_a_champion_of_other_means_stays_as_it_is(tracker, versions, registering, refreshing):
    registering(0.15, "a")
    foreign = tracker.client.create_model_version(versions.name, versions.get(1).source)
    versions.point(CHAMPION, int(foreign.version))

    assert "not known what makes version 2 again" in refreshing("b")


def test_a_champion_whose_files_are_lost_is_made_again_of_its_recipe(
    versions, registering, refreshing, places, monkeypatch
):
    registering(0.15, "a")
    registering(0.14, "b")

    def fail(*_: object, **__: object) -> None:
        raise OSError("no such file")

    with monkeypatch.context() as patch:
        patch.setattr("cartelera.tracking.versions.download_artifacts", fail)
        assert versions.card(versions.get(1)) == {}
        assert refreshing("b") is None

    assert places()["champion"] == 3


@pytest.mark.parametrize("step", ["add", "tag", "point"], ids=lambda step: f"before {step}")
def test_a_refit_that_was_killed_is_repeated(
    step, versions, registering, refreshing, places, monkeypatch
):
    registering(0.15, "a")
    registering(0.14, "b")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(versions), step, die)
        with pytest.raises(KeyboardInterrupt):
            refresh_champion(
                versions, "b", lambda recipe, _, folder: save_models(recipe, "b", folder)
            )
    assert places()["champion"] == 1

    refreshing("b")

    assert places()["champion"] == 3
    assert len(versions.all()) == 3


@pytest.fixture
def lose(versions, tmp_path_factory) -> Callable[[int], None]:
    """Deletes what the store holds of a version's files, as a clean-up of disks does."""

    def do(number: int) -> None:
        shutil.rmtree(download_artifacts(f"models:/{versions.name}/{number}"))

    return do


def test_a_champion_whose_files_are_gone_is_logged_again_where_it_was_just_made(
    registering, versions, places, lose, tmp_path
):
    registering(0.15)
    lose(1)

    assert registering(0.15).is_champion

    assert places() == {"candidate": 2, "champion": 2}
    versions.fetch(versions.get(2), tmp_path / "fetched")
    registering(0.15)
    assert places()["champion"] == 2, "once is enough"


def test_a_champion_whose_files_are_gone_is_fitted_again_where_another_was_made(
    registering, refreshing, versions, places, lose, tmp_path
):
    registering(0.15)
    registering(0.14)
    lose(1)

    assert refreshing("a") is None

    assert places() == {"candidate": 2, "champion": 3}
    versions.fetch(versions.get(3), tmp_path / "fetched")
