"""What the tests of the model and its ratings found, in the page's words, from the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cartelera.service.answering.replies import ModelInfo
from cartelera.service.page.words import Words

_WRITTEN_IN: Final = "en"
"""The language of the sentences the pipeline leaves."""


@dataclass(frozen=True)
class Saying:
    """A sentence or more.

    Attributes:
        text: What is said.
        language: What language it is in, where that is not the page's; else none.
    """

    text: str
    language: str | None = None


def taste(model: ModelInfo, t: Words) -> Saying | None:
    """Say whether there is taste in the ratings; none where nothing is known of it.

    A card without the numbers has a sentence, which is shown as it is.
    """
    signal: Mapping[str, Any] | None = model.card.get("signal")
    if not signal or not signal.keys() >= {"statistic", "expected", "p_value", "has_taste"}:
        return _as_written(model.taste, t)
    if signal["p_value"] == 1 and not signal["statistic"]:
        return Saying(t("taste_untested"))
    numbers = t(
        "taste_numbers",
        found=f"{t.number(100 * signal['statistic'], 1)}%",
        chance=f"{t.number(100 * signal['expected'], 1)}%",
        p=t.typed(round(signal["p_value"], 4)),
    )
    return Saying(f"{t('taste_yes' if signal['has_taste'] else 'taste_no')} {numbers}")


def place(model: ModelInfo, t: Words) -> Saying | None:
    """Say why this version serves; none where nothing is known of it.

    A person's reason is quoted. Where the gate's numbers are missing, its sentence is shown.
    """
    registered = model.registered
    reason = str(registered.get("reason") or "")
    if "decision" not in registered:
        return _as_written(reason, t)
    decision: Mapping[str, Any] | None = registered["decision"]
    if decision is None:
        return Saying(t("gate_person", reason=reason)) if reason else None
    sentences = [_against_baseline(registered, t), _against_champion(decision, t)]
    if not decision["promote"]:
        sentences.insert(0, t("gate_refused"))
    if registered.get("refit_of") is not None:
        sentences.append(t("gate_refit"))
    return Saying(" ".join(filter(None, sentences)))


def _against_baseline(registered: Mapping[str, Any], t: Words) -> str:
    ours, simple = registered.get("rmse"), registered.get("bias_only_rmse")
    if ours is None or simple is None:
        return ""
    return t("gate_baseline", rmse=t.number(ours, 3), baseline=t.number(simple, 3))


def _against_champion(decision: Mapping[str, Any], t: Words) -> str:
    contest: Mapping[str, Any] | None = decision["contest"]
    if decision["champion"] is None:
        return t("gate_first") if decision["promote"] else ""
    against: Mapping[str, Any] | None = contest and contest.get("champion")
    if not contest or not against:
        return ""
    return t(
        "gate_contest",
        version=decision["champion"],
        users=t.number(contest["n_users"]),
        ours=t.number(contest["candidate"]["ndcg"], 3),
        theirs=t.number(against["worth"]["ndcg"], 3),
    )


def _as_written(text: str | None, t: Words) -> Saying | None:
    if not text:
        return None
    return Saying(text, None if t.language == _WRITTEN_IN else _WRITTEN_IN)
