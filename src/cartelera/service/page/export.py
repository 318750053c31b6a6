"""The list of titles to watch later as a file of the viewer's own."""

import csv
from collections.abc import Iterable
from io import StringIO
from urllib.parse import quote

from cartelera.service.answering.title_info import TitleDetail
from cartelera.service.page.cards import title_card
from cartelera.service.page.words import Words

_FORMULA = tuple("=+-@\t\r")


def csv_link(titles: Iterable[TitleDetail], words: Words) -> str:
    """Return a link that holds titles as CSV in UTF-8: no request is needed to save it.

    Args:
        titles: A row each: title, year, type, platforms.
        words: Those of the header and of the types.
    """
    text = StringIO("\N{BYTE ORDER MARK}", newline="")  # without it Excel takes another encoding
    text.seek(0, 2)
    table = csv.writer(text)
    table.writerow([words(name) for name in ("title", "year_short", "type", "platform")])
    for title in titles:
        platforms = " ".join(title_card(title).platforms)
        shown = title.display_title
        # A spreadsheet would compute what begins like a formula.
        shown = f"'{shown}" if shown.startswith(_FORMULA) else shown
        table.writerow([shown, title.year, words(title.type), platforms])
    return f"data:text/csv;charset=utf-8,{quote(text.getvalue())}"
