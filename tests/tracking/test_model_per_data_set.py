import pandas as pd

from cartelera.catalogue.fingerprint import Fingerprint
from cartelera.tracking.model_per_data_set import name_of_data


def titles_of(what: str, n: int) -> pd.DataFrame:
    ids = [f"ns{number}" for number in range(n)]
    return pd.DataFrame(
        {"id": ids, "title": [f"{what} {name}" for name in ids], "release_year": 2000}
    )


def test_each_data_set_has_a_registered_model_of_its_own(tracker, versions, caplog):
    def name(what: str, n: int) -> str:
        titles = titles_of(what, n)
        fingerprint = Fingerprint.of(what, titles, titles["id"])
        return name_of_data(tracker, versions.name, fingerprint, titles)

    assert name("sample", 20) == versions.name
    assert name("real", 30) == f"{versions.name}-2"
    assert f"These data are not those of {versions.name}" in caplog.text
    described = tracker.client.get_registered_model(f"{versions.name}-2").description
    assert "the data set `real`" in described
    assert name("other", 30) == f"{versions.name}-3"
    assert name("sample", 200) == versions.name, "they grow"
    assert name("sample", 2000) == versions.name
    assert name("real", 30) == f"{versions.name}-2"


def test_models_of_an_earlier_program_are_left_alone(tracker, versions):
    tracker.client.create_registered_model(versions.name)
    titles = titles_of("sample", 20)
    fingerprint = Fingerprint.of("sample", titles, titles["id"])
    assert name_of_data(tracker, versions.name, fingerprint, titles) == f"{versions.name}-2"
