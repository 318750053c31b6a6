"""The contracts of all tables, as Pandera models, and how to hold a table to its contract."""

from collections.abc import Iterable
from typing import Final

import pandas as pd
import pandera.pandas as pa

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.platforms import PUBLISHED, Platforms

_SHOWN_ROWS: Final = 5
_IN_WORDS: Final = {"not_nullable": "is there", "field_uniqueness": "is unique"}
_ABOUT_COLUMNS: Final = {
    "column_in_dataframe": "missing columns:",
    "column_in_schema": "unexpected columns:",
    "column_ordered": "columns out of order:",
}
_UNIQUE_TOGETHER: Final = "multiple_fields_uniqueness"
_TITLE_ID: Final = r"^[a-z][a-z0-9._-]+$"
_DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _matches(pattern: str, meaning: str) -> pa.Check:
    return pa.Check.str_matches(pattern, error=meaning)


def _among(values: tuple[str, ...]) -> pa.Check:
    return pa.Check.isin(values, error=f"is one of {', '.join(values)}")


def _at_least(minimum: float) -> pa.Check:
    return pa.Check.ge(minimum, error=f"is {minimum} or more")


def _raw(columns: tuple[str, ...], name: str) -> pa.DataFrameSchema:
    """Everything is text; what it says is the cleaning's business."""
    first_line = pa.Check.ge(1, error="is a line or a row")
    return pa.DataFrameSchema(
        {
            **{column: pa.Column("str") for column in columns},
            c.SOURCE_FILE: pa.Column("category"),
            c.LINE: pa.Column("int64", first_line),
        },
        strict=True,
        ordered=True,
        name=name,
    )


def _has_unit_with_length(titles: pd.DataFrame) -> pd.Series:
    return titles[c.DURATION_INT].isna() == titles[c.DURATION_TYPE].isna()


def _trusts_no_imputed_certificate(titles: pd.DataFrame) -> pd.Series:
    return ~titles[c.CERTIFICATE_IMPUTED] | (titles[c.CERTIFICATE] == "g")


def _has_title_for_work(titles: pd.DataFrame) -> pd.Series:
    stands_for_itself = titles[c.ID] == titles[c.WORK_ID]
    return titles[c.WORK_ID].isin(titles.loc[stands_for_itself, c.ID])


RAW_TITLES: Final = _raw(c.RAW_TITLE_COLUMNS, "raw titles")
RAW_RATINGS: Final = _raw(c.RAW_RATING_COLUMNS, "raw ratings")


def clean_titles(platforms: Platforms = PUBLISHED) -> pa.DataFrameSchema:
    """Return the model of clean titles on the platforms there are."""

    def has_initial(titles: pd.DataFrame) -> pd.Series:
        initials = titles[c.PLATFORM].map({each.name: each.initial for each in platforms})
        pairs = zip(titles[c.ID], initials, strict=True)
        return pd.Series([i.startswith(str(n)) for i, n in pairs], index=titles.index)

    not_empty = pa.Check.str_length(min_value=1, error="is not empty")
    return pa.DataFrameSchema(
        {
            c.ID: pa.Column("str", _matches(_TITLE_ID, "is a title id such as ns1"), unique=True),
            c.WORK_ID: pa.Column("str", _matches(_TITLE_ID, "is a title id such as ns1")),
            c.PLATFORM: pa.Column("str", _among(platforms.names)),
            c.TYPE: pa.Column("str", _among(c.TYPES)),
            c.TITLE: pa.Column("str", not_empty),
            c.DISPLAY_TITLE: pa.Column("str", not_empty),
            c.DIRECTOR: pa.Column("str", nullable=True),
            c.CAST: pa.Column("str", nullable=True),
            c.COUNTRY: pa.Column("str", nullable=True),
            c.DATE_ADDED: pa.Column("str", _matches(_DATE, "is a date YYYY-MM-DD"), nullable=True),
            c.RELEASE_YEAR: pa.Column("int64", _at_least(1)),
            c.CERTIFICATE: pa.Column("str", not_empty),
            c.CERTIFICATE_IMPUTED: pa.Column("bool"),
            c.DURATION_INT: pa.Column("Int64", _at_least(1), nullable=True),
            c.DURATION_TYPE: pa.Column("str", _among(c.DURATION_TYPES), nullable=True),
            c.LISTED_IN: pa.Column("str", nullable=True),
            c.DESCRIPTION: pa.Column("str", nullable=True),
            c.DISPLAY_DIRECTOR: pa.Column("str", nullable=True),
            c.DISPLAY_CAST: pa.Column("str", nullable=True),
            c.DISPLAY_DESCRIPTION: pa.Column("str", nullable=True),
        },
        checks=[
            pa.Check(_has_unit_with_length, error="duration_int and duration_type go together"),
            pa.Check(_trusts_no_imputed_certificate, error="an imputed certificate is g"),
            pa.Check(has_initial, error="an id starts with its platform's initial"),
            pa.Check(_has_title_for_work, error="a work_id is the id of a title of that work"),
        ],
        strict=True,
        ordered=True,
        name="clean titles",
    )


CLEAN_TITLES: Final = clean_titles()
"""With the published platforms."""


def clean_ratings(rating_min: float = 0.5, rating_max: float = 5.0) -> pa.DataFrameSchema:
    """Return the model of clean ratings with their origin, on a scale in stars."""
    scale = pa.Check.in_range(
        rating_min, rating_max, error=f"is a rating from {rating_min} to {rating_max}"
    )

    return pa.DataFrameSchema(
        {
            c.USER_ID: pa.Column("int64", _at_least(0)),
            c.TITLE_ID: pa.Column("str", _matches(_TITLE_ID, "is a title id such as ns1")),
            c.RATING: pa.Column("float64", scale),
            c.TIMESTAMP: pa.Column("int64", _at_least(0)),
            c.IS_RECEIVED: pa.Column("bool"),
        },
        unique=[c.USER_ID, c.TITLE_ID],
        strict=True,
        ordered=True,
        name="clean ratings",
    )


def model_titles(columns: Iterable[str], platforms: Platforms = PUBLISHED) -> pa.DataFrameSchema:
    """Return the model of the model-ready titles, which hold some of the clean columns."""
    of_clean = clean_titles(platforms).columns
    return pa.DataFrameSchema(
        {name: of_clean[name] for name in columns},
        strict=True,
        ordered=True,
        name="model-ready titles",
    )


SCORES: Final = pa.DataFrameSchema(
    {
        c.TITLE_ID: pa.Column("str", _matches(_TITLE_ID, "is a title id such as ns1"), unique=True),
        c.SCORE: pa.Column("float64"),
        c.N_RATINGS: pa.Column("int64", _at_least(1)),
    },
    strict=True,
    ordered=True,
    name="scores",
)


def validate(table: pd.DataFrame, schema: pa.DataFrameSchema, file: str) -> pd.DataFrame:
    """Hold a table to its contract and give it back unchanged.

    Args:
        table: The table.
        schema: One of the models of this module.
        file: Where the table comes from, for the message.

    Raises:
        InputError: If the table breaks the contract; names the file, every column and rule, and
            the first rows that break it (0 is the first row of the table).
    """
    try:
        return schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        of_table = cases["schema_context"] == "DataFrameSchema"
        rules = [
            *(_broken_column(name, broken) for name, broken in _by("column", cases[~of_table])),
            *(_broken_table(rule, broken) for rule, broken in _by("check", cases[of_table])),
        ]
        what = f"{file} breaks the contract of {schema.name}:"
        raise InputError("\n  ".join([what, *rules])) from error


def _by(key: str, cases: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    for value, group in cases.groupby(key, sort=False):
        yield str(value), group


def _broken_column(name: str, cases: pd.DataFrame) -> str:
    """Say which rules a column breaks and show the first values that do."""
    rules: list[str] = []
    for check, broken in _by("check", cases):
        rule = _IN_WORDS.get(check, check)
        if rule.startswith("dtype("):
            rule = f"is of type {rule.removeprefix('dtype(').removesuffix(')')}"
        rows = broken[broken["index"].notna()].head(_SHOWN_ROWS)
        values = [
            f"row {row}: {value!r}"
            for row, value in zip(rows["index"], rows["failure_case"], strict=True)
        ]
        found = ", ".join(values) or str(broken["failure_case"].iloc[0])
        rules.append(f"every value {rule}; broken in {found}" if values else f"{rule}, not {found}")
    return f"column {name}: " + "; ".join(rules)


def _broken_table(check: str, cases: pd.DataFrame) -> str:
    """Say which rule about several columns a table breaks and in which rows."""
    if check in _ABOUT_COLUMNS:
        return f"{_ABOUT_COLUMNS[check]} {', '.join(map(str, cases['failure_case']))}"
    rows = list(dict.fromkeys(cases["index"].dropna()))[:_SHOWN_ROWS]
    rule = check
    if check == _UNIQUE_TOGETHER:
        rule = f"{', '.join(map(str, dict.fromkeys(cases['column'])))} together are unique"
    return f"{rule}; broken in row {', '.join(map(str, rows))}"
