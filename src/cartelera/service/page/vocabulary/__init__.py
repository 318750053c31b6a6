"""Every word of the page, once in English and once in Spanish."""

from typing import Final

from cartelera.service.page.vocabulary import evening, facts, frame, people, questions

VOCABULARY: Final = {
    **frame.WORDS,
    **evening.WORDS,
    **people.WORDS,
    **questions.WORDS,
    **facts.WORDS,
}
