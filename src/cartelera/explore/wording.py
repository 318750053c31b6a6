"""Numbers as people read them."""

_FAINT = 0.005


def number(value: float) -> str:
    """Write a whole number with thousands apart.

    >>> number(22998)
    '22,998'
    """
    return f"{value:,.0f}"


def counted(value: float, noun: str, plural: str | None = None) -> str:
    """Write a number and its noun, in the plural but for one.

    >>> counted(1, "title"), counted(2, "title"), counted(0, "country", "countries")
    ('1 title', '2 titles', '0 countries')
    """
    return f"{number(value)} {noun if value == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """Write a share as a whole percentage that never rounds something to nothing or to all.

    >>> percent(0.417), percent(0.001), percent(0.999), percent(0.0), percent(1.0)
    ('42%', 'under 1%', 'over 99%', '0%', '100%')
    """
    if 0 < share <= _FAINT:
        return "under 1%"
    if 1 - _FAINT <= share < 1:
        return "over 99%"
    return f"{share:.0%}"


def probability(p_value: float) -> str:
    """Write a p-value so that it never reads as zero.

    >>> probability(0.001), probability(0.34), probability(1e-40)
    ('p = 0.001', 'p = 0.34', 'p < 0.0001')
    """
    return "p < 0.0001" if p_value < 1e-4 else f"p = {p_value:.2g}"
