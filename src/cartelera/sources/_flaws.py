"""The flaws of the published files, planted in the sample's titles and ratings."""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.sources.tastes import LATENT, draw_stars

_GAPS: Final = {
    c.AMAZON: {c.DIRECTOR: 0.215, c.CAST: 0.128, c.COUNTRY: 0.93, c.DATE_ADDED: 0.9}
    | {c.CERTIFICATE: 0.035},
    c.DISNEY: {c.DIRECTOR: 0.326, c.CAST: 0.131, c.COUNTRY: 0.151, c.CERTIFICATE: 0.002},
    c.HULU: {c.DIRECTOR: 0.99, c.CAST: 1.0, c.COUNTRY: 0.473, c.CERTIFICATE: 0.17}
    | {c.DURATION: 0.06, c.DATE_ADDED: 0.009},
    c.NETFLIX: {c.DIRECTOR: 0.299, c.CAST: 0.094, c.COUNTRY: 0.094, c.DATE_ADDED: 0.001},
}


class _CellFlaw(NamedTuple):
    """One kind of damage to one cell of some of a platform's titles.

    The pattern may name the {cell}, its {first} word and the {rest}.
    """

    platform: str
    column: str
    share: float
    pattern: str


_CELL_FLAWS: Final = (
    _CellFlaw(c.AMAZON, c.CAST, 0.0036, "1, {cell}"),
    _CellFlaw(c.AMAZON, c.CAST, 0.001, "\u00a0{cell}"),
    _CellFlaw(c.AMAZON, c.CAST, 0.001, "{cell}\ufffd\ufffd"),
    _CellFlaw(c.AMAZON, c.CAST, 0.001, "{cell}\u200b"),
    _CellFlaw(c.AMAZON, c.DIRECTOR, 0.0, "None"),
    _CellFlaw(c.AMAZON, c.DURATION, 0.001, "0 min"),
    _CellFlaw(c.AMAZON, c.DESCRIPTION, 0.004, "{first}\u00a0{rest}"),
    _CellFlaw(c.AMAZON, c.DESCRIPTION, 0.001, "{cell}\nDigitally restored."),
    _CellFlaw(c.DISNEY, c.TITLE, 0.001, "{first}\u00a0{rest}"),
    _CellFlaw(c.HULU, c.DESCRIPTION, 0.001, "\u200b{cell}"),
    _CellFlaw(c.HULU, c.DESCRIPTION, 0.003, "{cell}\n\nNew episodes weekly."),
    _CellFlaw(c.NETFLIX, c.DATE_ADDED, 0.01, " {cell}"),
    _CellFlaw(c.NETFLIX, c.COUNTRY, 0.001, ", {cell}"),
    _CellFlaw(c.NETFLIX, c.COUNTRY, 0.001, "{cell},"),
    _CellFlaw(c.NETFLIX, c.TITLE, 0.001, "\u200b{cell}"),
    _CellFlaw(c.NETFLIX, c.TITLE, 0.0, "{cell}:\nThe Return"),
    _CellFlaw(c.NETFLIX, c.TITLE, 0.0, "İpek: {cell}"),
)
_MISPLACED: Final = (
    (c.HULU, "min", 0.075),
    (c.HULU, "Season", 0.02),
    (c.NETFLIX, "min", 0.0003),
)
"""Of which platforms how many durations of a unit stand in the certificate's column."""
_ACCENTS: Final = str.maketrans("ÁÉÍÓÚÑáéíóúñçğşöüÇĞİŞÖÜèêëï", "AEIOUNaeiouncgsouCGISOUeeei")


def _with_wide_spaces(name: str) -> str:
    return name.replace(" ", "  ")


def _without_accents(name: str) -> str:
    return name.translate(_ACCENTS)


_OTHER_SPELLINGS: Final = (
    str.upper,
    _with_wide_spaces,
    _without_accents,
)

_REPEATS: Final = 0.002
_EARLIER_OPINIONS: Final = 0.003
_UNKNOWN_TITLES: Final = 0.0012
_OFF_THE_GRID: Final = 0.0012
_OUT_OF_SCALE: Final = 0.0012
_DAY_S: Final = 86_400


def damage_titles(catalogues: dict[str, pd.DataFrame], rng: np.random.Generator) -> None:
    """Plant every known kind of flaw in the catalogues, in place; no title is lost by it.

    Every kind occurs at least once where the catalogue has a row to carry it. Name and type of what
    stands on two platforms stay as they are: by them it is known to be the same.
    """
    names = pd.concat([catalogue[c.TITLE] for catalogue in catalogues.values()])
    twins = names[names.duplicated()]

    # Gaps and cells first, while each title stands once.
    for platform in [name for name in _GAPS if name in catalogues]:
        for column, share in _GAPS[platform].items():
            _set(catalogues[platform], column, share, "", twins, rng)
    for flaw in _CELL_FLAWS:
        if flaw.platform in catalogues:
            _set(catalogues[flaw.platform], flaw.column, flaw.share, flaw.pattern, twins, rng)

    with_spellings = [name for name in (c.AMAZON, c.NETFLIX) if name in catalogues]

    for platform in with_spellings:
        _spell_otherwise(catalogues[platform])
    for platform, unit, share in _MISPLACED:
        if platform in catalogues:
            _move_durations(catalogues[platform], unit, share, twins, rng)
    for platform in with_spellings:
        catalogue = catalogues[platform]
        again = catalogue.loc[_pick(catalogue.index, 0.001, rng)]
        catalogues[platform] = pd.concat([catalogue, again], ignore_index=True)


def _pick(candidates: pd.Index, share: float, rng: np.random.Generator) -> np.ndarray:
    """Draw a share of the candidates, but at least one if there is any."""
    count = min(len(candidates), max(1, round(share * len(candidates))))
    return rng.choice(candidates.to_numpy(), size=count, replace=False)


def _set(
    catalogue: pd.DataFrame,
    column: str,
    share: float,
    pattern: str,
    twins: pd.Series,
    rng: np.random.Generator,
) -> None:
    """Damage a share of the cells of a column that hold something."""
    holds = catalogue[column] != ""
    if column == c.TITLE:
        holds &= ~catalogue[c.TITLE].isin(twins)
    chosen = _pick(catalogue.index[holds], share, rng)
    for row in chosen:
        cell = str(catalogue.loc[row, column])
        first, _, rest = cell.partition(" ")
        catalogue.loc[row, column] = pattern.format(cell=cell, first=first, rest=rest)


def _move_durations(
    catalogue: pd.DataFrame, unit: str, share: float, twins: pd.Series, rng: np.random.Generator
) -> None:
    """Let durations of a unit stand in the certificate's column, on rows typed Movie."""
    holds = catalogue[c.DURATION].str.contains(unit, regex=False)
    holds &= ~catalogue[c.TITLE].isin(twins)
    chosen = _pick(catalogue.index[holds], share * len(catalogue) / max(1, holds.sum()), rng)
    catalogue.loc[chosen, c.CERTIFICATE] = catalogue.loc[chosen, c.DURATION]
    catalogue.loc[chosen, c.DURATION] = ""
    catalogue.loc[chosen, c.TYPE] = "Movie"


def _spell_otherwise(catalogue: pd.DataFrame) -> None:
    """Spell a platform's busiest actors otherwise in one title each: case, spaces, accents."""
    actors = catalogue[c.CAST].str.split(", ").explode()
    intact = actors[actors.str.fullmatch(r"[\w'-]+ [\w'-]+")]
    busiest = [str(name) for name in intact.value_counts().index]
    accented = [name for name in busiest if name != _without_accents(name)]
    for name, spell in zip([*busiest[:2], *accented[:1]], _OTHER_SPELLINGS, strict=False):
        row = intact.index[intact == name][-1]
        cell = str(catalogue.loc[row, c.CAST])
        catalogue.loc[row, c.CAST] = cell.replace(name, spell(name))


def damage_ratings(
    opinions: pd.DataFrame, noise: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn some opinions into flawed rows.

    Args:
        opinions: What `_choices.draw_opinions` drew.
        noise: Standard deviation of an opinion given at another time, in stars.
        rng: Chooses the rows.

    Returns:
        As many raw rows as there were opinions, flawed ones included, sorted by user and time; and
        the opinions a right cleaning leaves.
    """
    order = rng.permutation(len(opinions))
    shares = [_REPEATS, _EARLIER_OPINIONS, _UNKNOWN_TITLES, _OFF_THE_GRID, _OUT_OF_SCALE]
    ends = np.cumsum([int(share * len(opinions)) for share in shares])
    parts = np.split(order, ends)
    repeats, earlier, unknown, off_grid, out_of_scale, clean = (
        opinions.iloc[np.sort(part)].reset_index(drop=True) for part in parts
    )

    # Repeats and earlier opinions are of pairs that are clean, so that none gets lost.
    repeats = _any_of(clean, len(repeats), rng)
    earlier = _any_of(clean, len(earlier), rng)
    earlier[c.RATING] = draw_stars(earlier[LATENT].to_numpy(), noise, rng)
    earlier[c.TIMESTAMP] -= rng.integers(1, 100 * _DAY_S, len(earlier))

    unknown[c.TITLE_ID] = [f"ns{number}" for number in rng.integers(900_000, 999_999, len(unknown))]
    off_grid[c.RATING] = rng.choice([1.25, 2.7, 3.3, 3.75, 4.1], len(off_grid))
    out_of_scale[c.RATING] = rng.choice([-1.0, 0.0, 5.5, 10.0], len(out_of_scale))

    raw = pd.concat([clean, repeats, earlier, unknown, off_grid, out_of_scale])
    keys = [c.USER_ID, c.TIMESTAMP, c.TITLE_ID]
    return raw.sort_values(keys, kind="stable", ignore_index=True), clean


def _any_of(rows: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    return rows.iloc[rng.choice(len(rows), count, replace=False)].copy()
