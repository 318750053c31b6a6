import json

from cartelera import columns as c
from cartelera.catalogue.clean import clean_catalogue
from cartelera.catalogue.quirks import describe


def test_flaws_and_contents_are_counted(raw_titles):
    raw = raw_titles(
        {},
        {c.DATE_ADDED: " May 5, 2020", c.CAST: "1, Various", c.DIRECTOR: "None"},
        {c.CERTIFICATE: "94 min", c.DURATION: "", c.TYPE: "TV Show"},
        {c.CERTIFICATE: "2 Seasons", c.DURATION: ""},
        {
            c.DURATION: "0 min",
            c.COUNTRY: "Spain,",
            c.CAST: "Ann, Jr.",
            c.DESCRIPTION: "a\nb\u00a0c",
        },
        {c.TITLE: "\u200bA\ufffd", c.CERTIFICATE: ""},
        {c.TYPE: "?"},
    )
    described = describe(raw, clean_catalogue(raw, c.AMAZON).clean)
    assert described["titles"] == 6
    assert described["types"] == {"movie": 5, "tv show": 1}
    assert described["certificates"] == {"pg-13": 3}
    assert described["certificates_imputed"] == 3
    assert described["durations_repaired"] == {"min": 1, "season": 1}
    assert described["nulls"][c.DURATION_INT] == 1
    assert described["nulls"][c.CAST] == 1
    flaws = {kind: count for kind, count in described["flaws"].items() if count}
    assert flaws == {
        "dates_with_outer_space": 1,
        "durations_of_0": 1,
        "country_with_stray_comma": 1,
        "cast_with_name_without_letter": 1,
        "cast_with_word_for_nobody": 1,
        "cast_with_suffix_after_comma": 1,
        "director_with_word_for_nobody": 1,
        "cells_with_line_break": 1,
        "cells_with_unusual_space": 1,
        "cells_with_zero_width_character": 1,
        "cells_with_replacement_character": 1,
    }
    json.dumps(described)


def test_a_repaired_duration_is_counted_whatever_stood_in_its_place(raw_titles):
    misplaced = {c.CERTIFICATE: "94 min"}
    raw = raw_titles(*({**misplaced, c.DURATION: d} for d in ("nan", "long", "", "90\u00a0min")))
    described = describe(raw, clean_catalogue(raw, c.HULU).clean)
    assert described["durations_repaired"] == {"min": 3, "season": 0}
