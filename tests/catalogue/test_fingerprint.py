import json

import pandas as pd
import pytest

from cartelera.catalogue.fingerprint import N_TITLES, Fingerprint, is_of_other_data
from cartelera.errors import InputError


def make_titles(n: int, of: str = "film") -> pd.DataFrame:
    ids = [f"ns{number}" for number in range(n)]
    titles = [f"{of} {number}" for number in range(n)]
    return pd.DataFrame({"id": ids, "title": titles, "release_year": 2000})


TITLES = make_titles(300)
OWN = Fingerprint.of("sample", TITLES, TITLES["id"])


def test_the_same_ids_under_other_titles_are_other_data():
    assert len(OWN.titles) == N_TITLES
    assert OWN.matches(TITLES)
    assert not OWN.matches(make_titles(300, "series"))
    assert not OWN.matches(TITLES.assign(release_year=2001))
    assert not OWN.matches(TITLES[:0])


def test_data_grow_and_a_few_titles_are_renamed_or_leave():
    later = make_titles(3000)
    later.loc[::10, "title"] = "renamed"
    assert OWN.matches(later[later.index % 7 != 0])
    assert Fingerprint.of("sample", later, later["id"]).matches(later[::-1])


def test_only_rated_titles_count_and_their_order_does_not():
    rated = TITLES["id"][:50]
    fingerprint = Fingerprint.of("sample", TITLES, rated)
    assert set(fingerprint.titles) == set(rated)
    assert fingerprint == Fingerprint.of("sample", TITLES[::-1], rated[::-1])
    assert Fingerprint.of("sample", TITLES, []).matches(make_titles(3, "series"))


def test_a_card_says_of_which_data_a_model_is():
    card = json.loads(json.dumps({"data": OWN.to_json()}))
    assert not is_of_other_data(card, TITLES)
    assert is_of_other_data(card, make_titles(300, "series"))
    assert not is_of_other_data({}, TITLES)
    for wrong in ({"data": 1}, {"data": {"source": "x"}}):
        with pytest.raises(InputError, match="no fingerprint"):
            is_of_other_data(wrong, TITLES)
