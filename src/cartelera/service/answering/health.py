"""Whether the service can answer: asked once of every bundle before it is used."""

from cartelera.errors import InputError
from cartelera.service.answering.answers import Answers
from cartelera.service.problems import Refused

_NOBODY = -1
_LEAST_SHARED = 0.5


def try_out(answers: Answers) -> Answers:
    """Check that model and catalogue belong together, and ask everything once.

    What is asked once is also warm: the first real question does not wait for lookups to be built.

    Returns:
        The same answers.

    Raises:
        InputError: If the catalogue lacks most of the titles of the model, or no answer is found.
    """
    _check_that_they_match(answers)
    try:
        answers.queries.get_max_duration()
        answers.queries.get_score_count(scored=0)
        answers.queries.get_count_platform()
        answers.queries.get_actor()
        for ranked in answers.recommend(_NOBODY, k=1).titles:
            answers.title(ranked.title.title_id)
            answers.similar(ranked.title.title_id, k=1)
            answers.predict(_NOBODY, ranked.title.title_id)
            answers.recommend_new({ranked.title.title_id: answers.settings.scale.best}, k=1)
        answers.to_rate(k=1)
    except (Refused, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise InputError(f"The bundle does not answer as it should: {error!r}") from error
    return answers


def _check_that_they_match(answers: Answers) -> None:
    model = answers.model()
    n_known = (model.n_titles, model.ranking_model.n_titles)
    for n_in_model, n_shared in zip(n_known, answers.n_shared, strict=True):
        if n_shared < _LEAST_SHARED * n_in_model:
            raise InputError(
                "Model and catalogue do not belong together: of a model's "
                f"{n_in_model} titles only {n_shared} are in the catalogue. Build the service "
                "again: `dvc repro --force package`."
            )
