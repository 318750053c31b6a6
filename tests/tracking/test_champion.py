import json

import pytest

from cartelera.errors import CarteleraError, InputError
from cartelera.factorization.factors import Factors
from cartelera.tracking.champion import write_shipping
from cartelera.tracking.promotion import roll_back


@pytest.fixture
def ship(versions, tmp_path):
    """Writes what ships, as a run after the others would; gives the folder and its bytes."""

    def do(former="none", folder="shipping"):
        write_shipping(versions, tmp_path / former, tmp_path / folder)
        written = sorted(path for path in (tmp_path / folder).rglob("*") if path.is_file())
        return {str(path.relative_to(tmp_path / folder)): path.read_bytes() for path in written}

    return do


def about(content: dict[str, bytes]) -> dict:
    return json.loads(content["registered.json"])


def test_the_champion_ships_whatever_the_last_run_made(registering, ship, tmp_path):
    champion = registering(0.15)
    registering(0.14)

    content = ship()

    assert {name.split("/")[0] for name in content} == {
        "factors", "shipped", "metrics.json", "registered.json",
    }  # fmt: skip
    told = about(content)
    assert (told["version"], told["aliases"], told["warning"]) == (1, ["champion"], None)
    assert told["reason"] == champion.decision.reason
    assert told["decision"]["promote"]
    assert (told["rmse"], told["bias_only_rmse"], told["split_digest"]) == (0.9, 1.0, "a")
    assert (told["ndcg"], told["popularity_ndcg"]) == (0.15, 0.1)
    assert told["trained_at"].endswith("Z")
    factors, shipped = (
        Factors.load(tmp_path / "shipping" / part).global_mean for part in ("factors", "shipped")
    )
    assert (factors, shipped) == (150 / 256 + ord("a") / 1024, factors + 0.125)


def test_the_bytes_change_with_the_champion_only(versions, registering, ship):
    registering(0.15)
    first = ship()
    registering(0.14)

    assert ship("shipping", "again") == first
    assert ship("none", "fetched anew") == first

    registering(0.17)
    assert about(ship("again", "second"))["version"] == 3
    roll_back(versions, "no")
    back = ship("second", "third")
    assert about(back)["version"] == 1
    assert about(back)["reason"].startswith("no (")
    assert about(back)["decision"] is None
    assert {name: back[name] for name in first if name != "registered.json"} == {
        name: first[name] for name in first if name != "registered.json"
    }


def test_former_files_that_were_touched_are_fetched_anew(registering, ship, tmp_path):
    registering(0.15)
    first = ship()
    (tmp_path / "shipping" / "shipped" / "model_card.json").write_text("{}")

    assert ship("shipping", "again") == first


def test_without_a_champion_the_candidate_ships_with_a_warning(registering, ship):
    registering(0.1)

    told = about(ship())

    assert (told["version"], told["aliases"]) == (1, ["candidate"])
    assert "There is no champion" in told["warning"]
    assert not told["decision"]["promote"]


def test_a_champion_whose_alias_was_removed_is_told_as_such(versions, registering, ship):
    registering(0.15)
    versions.remove("champion")
    registering(0.1)

    told = about(ship())

    assert (told["version"], told["aliases"]) == (2, ["candidate"])
    assert "There is no champion any more: its alias was removed" in told["warning"]
    assert "`cartelera promote 1 --reason ...`" in told["warning"]


def test_the_reports_beside_what_ships_are_those_of_the_last_evaluation(
    versions, registering, ship, tmp_path
):
    registering(0.15)
    ship()
    report = tmp_path / "intervals.json"
    report.write_text('{"coverage": 0.95}')

    write_shipping(
        versions, tmp_path / "shipping", tmp_path / "again", reports=[report], stale="It is old."
    )

    assert (tmp_path / "again" / "intervals.json").read_text() == '{"coverage": 0.95}'
    told = json.loads((tmp_path / "again" / "registered.json").read_text())
    assert told["warning"] == "It is old."


def test_a_refit_ships_with_what_was_said_of_its_recipe(registering, refreshing, ship):
    first = registering(0.15, "a")
    former = about(ship())
    registering(0.14, "b")
    refreshing("b")

    told = about(ship("none", "refitted"))

    assert (told["version"], told["refit_of"], former["refit_of"]) == (3, 1, None)
    assert told["reason"] == former["reason"] == first.decision.reason
    assert told["decision"] == former["decision"]
    assert told["shipped_digest"] != former["shipped_digest"]


def test_a_model_without_versions_ships_nothing(versions, ship, tracker):
    with pytest.raises(InputError, match="no version to ship"):
        ship()


def test_a_champion_that_cannot_be_fetched_is_named_with_the_way_out(
    tracker, versions, registering, ship
):
    registering(0.15)
    foreign = tracker.client.create_model_version(versions.name, versions.get(1).source)
    versions.point("champion", int(foreign.version))

    with pytest.raises(CarteleraError, match="cartelera promote VERSION"):
        ship()
