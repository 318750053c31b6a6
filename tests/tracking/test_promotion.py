import pytest

from cartelera.errors import InputError
from cartelera.tracking.overview import overview
from cartelera.tracking.promotion import promote, roll_back


@pytest.fixture
def two_champions(registering, places):
    """Version 1 was the champion, version 2 took its place."""
    registering(0.15)
    registering(0.17)
    assert places() == {"candidate": 2, "champion": 2, "previous": 1}


@pytest.mark.usefixtures("two_champions")
def test_after_a_rollback_the_next_run_does_not_undo_it(versions, registering, places):
    assert roll_back(versions, "too few documentaries") == 1
    assert places() == {"candidate": 2, "champion": 1}

    again = registering(0.17)
    assert not again.is_champion
    assert "was withdrawn: too few documentaries (" in again.decision.reason
    assert not registering(0.17, "b").is_champion
    assert places()["champion"] == 1

    better = registering(0.2)
    assert better.is_champion, "the gate goes on with other models"
    assert places() == {"candidate": 4, "champion": 4, "previous": 1}


@pytest.mark.usefixtures("two_champions")
def test_a_withdrawn_model_comes_back_by_name_only(versions, registering, places):
    roll_back(versions, "a mistake?")

    assert promote(versions, 2, "no mistake") == 2

    assert places() == {"candidate": 2, "champion": 2, "previous": 1}
    again = registering(0.17)
    assert again.is_champion
    assert again.decision.reason.startswith("no mistake (")
    assert not registering(0.15).is_champion, "version 1 was taken out by a person"


def test_a_further_rollback_goes_a_further_step_back(versions, registering, places):
    for ndcg in (0.13, 0.15, 0.17):
        registering(ndcg)

    assert roll_back(versions, "one") == 2
    assert places() == {"candidate": 3, "champion": 2, "previous": 1}
    assert roll_back(versions, "two") == 1
    assert places() == {"candidate": 3, "champion": 1}
    with pytest.raises(InputError, match="no former champion"):
        roll_back(versions, "three")


def test_a_rollback_never_ends_at_a_withdrawn_model(versions, registering, places):
    for ndcg in (0.13, 0.15, 0.17):
        registering(ndcg)
    roll_back(versions, "version 3 is bad")
    promote(versions, 1, "version 2 is bad, too")
    registering(0.25)

    assert places() == {"candidate": 4, "champion": 4, "previous": 1}
    assert roll_back(versions, "version 4 is no better") == 1
    assert "previous" not in places()


def test_what_is_held_back_is_promoted_by_a_person_or_once_the_reason_is_gone(
    versions, registering, places
):
    registering(0.15)
    held = registering(0.17, held_for="Many ratings were received.")

    assert not held.is_champion
    assert "until a person agrees: Many ratings were received." in held.decision.reason
    assert "`cartelera promote 2 --reason ...`" in held.decision.reason
    assert places() == {"candidate": 2, "champion": 1}

    refused = registering(0.14, held_for="Many ratings were received.")
    assert refused.decision.reason.startswith("Refused for its lists.")

    assert promote(versions, 2, "they are real") == 2
    assert registering(0.17, held_for="Many ratings were received.").is_champion
    assert registering(0.2, held_for="").is_champion


def test_a_refused_candidate_can_be_promoted(versions, registering, places):
    registering(0.15)
    refused = registering(0.14)
    assert not refused.is_champion

    assert promote(versions, None, "the editors prefer it") == 2

    assert places() == {"candidate": 2, "champion": 2, "previous": 1}
    assert registering(0.14).is_champion


def test_who_did_what_and_why_is_written_down(tracker, versions, registering, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ada")
    registering(0.15)
    registering(0.14)

    promote(versions, 2, "  the editors\n prefer it ")

    reason = versions.get(2).tags["cartelera.reason"]
    assert reason.startswith("the editors prefer it (ada, 2")
    assert versions.get(1).tags["cartelera.withdrawn"] == reason
    (run,) = tracker.search({"cartelera.stage": "promote"}, "FINISHED")
    assert run.info.run_name == "promote to version 2"
    tags = {key: run.data.tags[f"cartelera.{key}"] for key in ("by", "version", "from_version")}
    assert tags == {"by": "ada", "version": "2", "from_version": "1"}


@pytest.mark.parametrize(
    ("number", "reason", "said"),
    [
        (9, "why not", "no version 9: there are 2, 1"),
        (1, "why not", "version 1 is the champion already"),
        (2, " \n", "reason is needed"),
    ],
)
def test_what_cannot_be_promoted_is_refused_and_nothing_moves(
    number, reason, said, versions, registering, places
):
    registering(0.15)
    registering(0.14)
    before = places()

    with pytest.raises(InputError, match=f"(?i){said}"):
        promote(versions, number, reason)

    assert places() == before


def test_without_any_version_the_answer_says_what_to_run(versions):
    with pytest.raises(InputError, match="cartelera repro"):
        promote(versions, None, "first")
    with pytest.raises(InputError, match="no former champion"):
        roll_back(versions, "first")
    assert overview(versions) == []


def test_the_overview_says_which_is_which_and_why(versions, registering):
    for ndcg in (0.13, 0.15, 0.14):
        registering(ndcg)
    roll_back(versions, "too [red]dark[/red]")

    third, second, first = overview(versions)

    assert (third.version, third.states) == (3, ("candidate",))
    assert "not better" in third.why
    assert (second.version, second.states) == (2, ("withdrawn",))
    assert "too [red]dark[/red]" in second.why
    assert (first.version, first.states) == (1, ("champion",))
    assert first.why == second.why
    assert (first.rmse, first.bias_only_rmse, first.split_digest) == (0.9, 1.0, "a")
    assert (first.ndcg, first.popularity_ndcg) == (0.13, 0.1)
    assert first.trained_at.endswith("Z")
