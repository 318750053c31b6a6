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
    champion = registering(3.5)
    registering(3.4)

    content = ship()

    assert {name.split("/")[0] for name in content} == {
        "factors", "shipped", "metrics.json", "registered.json",
    }  # fmt: skip
    told = about(content)
    assert (told["version"], told["aliases"], told["warning"]) == (1, ["champion"], None)
    assert told["reason"] == champion.decision.reason
    assert told["decision"]["promote"]
    assert (told["rmse"], told["bias_only_rmse"], told["split_digest"]) == (0.5, 1.0, "a")
    assert told["trained_at"].endswith("Z")
    assert Factors.load(tmp_path / "shipping" / "factors").global_mean == 3.5
    assert Factors.load(tmp_path / "shipping" / "shipped").global_mean == 3.625


def test_the_bytes_change_with_the_champion_only(versions, registering, ship):
    registering(3.5)
    first = ship()
    registering(3.4)

    assert ship("shipping", "again") == first
    assert ship("none", "fetched anew") == first

    registering(3.7)
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
    registering(3.5)
    first = ship()
    (tmp_path / "shipping" / "metrics.json").write_text("{}")

    assert ship("shipping", "again") == first


def test_without_a_champion_the_candidate_ships_with_a_warning(registering, ship):
    registering(3.5, baseline=0.4)

    told = about(ship())

    assert (told["version"], told["aliases"]) == (1, ["candidate"])
    assert "There is no champion" in told["warning"]
    assert not told["decision"]["promote"]


def test_a_champion_that_was_not_compared_ships_with_a_warning(registering, ship):
    registering(3.5, last_timestamp=99)
    registering(3.4, split="b")

    told = about(ship())

    assert (told["version"], told["aliases"]) == (2, ["champion"])
    assert told["reason"].startswith("Promoted on the baseline alone")
    assert "whether it is better than version 1 before it is not known" in told["warning"]
    assert "cartelera rollback" in told["warning"]


def test_a_model_without_versions_ships_nothing(versions, ship, tracker):
    with pytest.raises(InputError, match="no version to ship"):
        ship()


def test_a_champion_that_cannot_be_fetched_is_named_with_the_way_out(
    tracker, versions, registering, ship
):
    registering(3.5)
    foreign = tracker.client.create_model_version(versions.name, versions.get(1).source)
    versions.point("champion", int(foreign.version))

    with pytest.raises(CarteleraError, match="cartelera promote VERSION"):
        ship()
