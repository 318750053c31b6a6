from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.account import Count
from cartelera.accounting import Cleaned, Ledger
from cartelera.errors import InputError
from cartelera.reasons import reasons


@pytest.fixture
def raw():
    return pd.DataFrame(
        {
            "value": ["good", "bad", "bad", "worse", "again"],
            c.SOURCE_FILE: pd.Categorical(["a.csv", "a.csv", "a.csv", "b.csv", "b.csv"]),
            c.LINE: [2, 3, 4, 2, 3],
        }
    )


@pytest.fixture
def cleaned(raw):
    ledger = Ledger(raw)
    ledger.drop(raw["value"] == "again", "said before")
    ledger.reject(raw["value"].isin(["bad", "again"]), "value is bad", "value")
    ledger.reject(raw["value"].isin(["bad", "worse"]), "value is worse")
    return ledger.close(raw.loc[ledger.sound, ["value"]])


def test_every_row_has_one_fate_the_first(cleaned):
    assert cleaned.files == {"a.csv": Count(3, 1, 0, 2), "b.csv": Count(2, 0, 1, 1)}
    assert cleaned.total == Count(read=5, clean=1, dropped=1, rejected=3)


def test_headers_of_files_put_together_are_dropped(raw):
    raw.loc[2, "value"] = "value"
    ledger = Ledger(raw)
    ledger.reject(raw["value"] == "bad", "value is bad")
    cleaned = ledger.close(raw.loc[ledger.sound, ["value"]])
    assert cleaned.files["a.csv"] == Count(read=3, clean=1, dropped=1, rejected=1)
    assert reasons(cleaned.dropped) == {"repeats the header": 1}


def test_rejected_rows_keep_their_cells_place_and_reason(cleaned):
    assert cleaned.rejected.to_dict("list") == {
        "value": ["bad", "bad", "worse"],
        c.SOURCE_FILE: ["a.csv", "a.csv", "b.csv"],
        c.LINE: [3, 4, 2],
        c.REASON: ["value is bad: 'bad'", "value is bad: 'bad'", "value is worse"],
    }


def test_reasons_are_counted_without_the_values(cleaned):
    assert reasons(cleaned.rejected) == {"value is bad": 2, "value is worse": 1}
    assert cleaned.account()["dropped"] == {"said before": 1}


def test_long_values_are_cut_in_reasons(raw):
    raw.loc[0, "value"] = "x" * 500
    ledger = Ledger(raw)
    ledger.reject(np.array([True, False, False, False, False]), "too long", "value")
    reason = ledger.close(raw[ledger.sound]).rejected[c.REASON].item()
    assert len(reason) < 100
    assert reason.endswith("…'")


def test_a_lost_row_is_an_error(raw):
    with pytest.raises(RuntimeError, match="rows"):
        Ledger(raw).close(raw.iloc[1:])


def test_counts_that_do_not_add_up_are_an_error():
    with pytest.raises(RuntimeError, match="10 read = 7 clean"):
        Count(read=10, clean=7, dropped=1, rejected=1)


def test_a_union_adds_the_accounts(cleaned):
    other = replace(cleaned, files={"c.csv": cleaned.total})
    union = Cleaned.union([cleaned, other])
    assert union.total == Count(10, 2, 2, 6)
    assert list(union.files) == ["a.csv", "b.csv", "c.csv"]


def test_a_union_of_rows_of_one_file_adds_their_counts(cleaned):
    union = Cleaned.union([cleaned, cleaned])
    assert union.files == {name: count + count for name, count in cleaned.files.items()}


def test_too_many_rejected_rows_are_refused_with_the_way_out(cleaned):
    with pytest.raises(InputError) as refused:
        cleaned.require_few_rejected("titles", 0.5)
    message = str(refused.value)
    assert "3 of 5 titles (60.00%) are rejected." in message
    assert "2 of 3 titles of a.csv (66.67%) are rejected." in message
    assert "of b.csv" not in message
    assert "2 x value is bad" in message
    assert "a.csv:3: value is bad: 'bad'" in message
    assert "etl.max_rejected=0.5 is the most" in message
    assert "accept it with etl.max_rejected=0.667." in message
    cleaned.require_few_rejected("titles", 0.667)


def test_one_broken_file_among_good_ones_is_refused(cleaned):
    good = Count(read=1000, clean=1000, dropped=0, rejected=0)
    many = replace(
        cleaned,
        clean=pd.concat([cleaned.clean, pd.DataFrame({"value": ["good"] * 1000})]),
        files={**cleaned.files, "c.csv": good},
    )
    with pytest.raises(InputError) as refused:
        many.require_few_rejected("ratings", 0.6)
    first, *others = str(refused.value).splitlines()
    assert first == "2 of 3 ratings of a.csv (66.67%) are rejected."
    assert not any("b.csv" in line for line in others)


def test_what_is_accepted_is_warned_of_by_file(cleaned, caplog):
    cleaned.require_few_rejected("ratings", 0.7)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    first, second = caplog.messages
    assert first.startswith("a.csv: 2 of 3 ratings are rejected, all: value is bad.")
    assert second.startswith("b.csv: 1 of 2 ratings are rejected, all: value is worse.")


def test_a_tolerated_file_stops_nothing_and_is_warned_of(cleaned, caplog):
    cleaned.require_few_rejected("ratings", 0.5, tolerated={"a.csv"})
    assert any("a.csv: 2 of 3" in message for message in caplog.messages)


def test_a_table_with_nothing_left_is_refused_however_much_is_allowed(raw):
    ledger = Ledger(raw)
    ledger.reject(np.ones(5, dtype=bool), "value is bad", "value")
    with pytest.raises(InputError, match="Nothing is left"):
        ledger.close(raw[:0]).require_few_rejected("titles", 1.0)
