"""What the gate and the tests of the ratings found of a model, in the words of the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cartelera.service.answering.replies import ModelInfo
from cartelera.service.page.words import Words

_WRITTEN_IN: Final = "en"
"""The language of the sentences the pipeline leaves."""


_FOUND: Final = {
    (True, True): "signal_both",
    (True, False): "signal_quality",
    (False, True): "signal_taste",
    (False, False): "signal_neither",
}
"""What is said, by whether quality and taste are found."""

_NUMBERS: Final = {"statistic", "expected", "p_value", "is_found", "is_tested"}


@dataclass(frozen=True)
class LocalizedText:
    """A sentence or more, in the language of the page or another.

    Attributes:
        text: What is said.
        language: What language it is in, where that is not the page's; else none.
    """

    text: str
    language: str | None = None


def signal_verdict(model: ModelInfo, t: Words) -> LocalizedText | None:
    """Say whether titles differ in quality and people in taste; none where nothing is known of it.

    A card without the numbers of both tests has a sentence, which is shown as it is.
    """
    signal = _signal(model)
    if signal is None:
        return _as_written(model.taste, t)
    quality, taste = signal
    if not quality["is_tested"]:
        return LocalizedText(t("signal_untested"))
    of_quality = t(
        "quality_numbers",
        found=f"{t.number(100 * quality['statistic'], 1)}%",
        chance=f"{t.number(100 * quality['expected'], 1)}%",
        p=t.typed(round(quality["p_value"], 4)),
    )
    if not taste["is_tested"]:
        found = t("signal_only_quality" if quality["is_found"] else "signal_no_quality")
        return LocalizedText(f"{found} {of_quality} {t('taste_untested')}")
    of_taste = t(
        "taste_numbers",
        found=t.number(taste["statistic"], 3),
        p=t.typed(round(taste["p_value"], 4)),
    )
    found = t(_FOUND[bool(quality["is_found"]), bool(taste["is_found"])])
    return LocalizedText(f"{found} {of_quality} {of_taste}")


def are_people_alike(model: ModelInfo) -> bool:
    """Tell whether taste was looked for in the ratings and none was found."""
    signal = _signal(model)
    return signal is not None and signal[1]["is_tested"] and not signal[1]["is_found"]


def gate_verdict(model: ModelInfo, t: Words) -> LocalizedText | None:
    """Say why this version serves; none where nothing is known of it.

    A person's reason is quoted. Where the gate's numbers are missing, its sentence is shown.
    """
    registered = model.registered
    reason = str(registered.get("reason") or "")
    if "decision" not in registered:
        return _as_written(reason, t)
    decision: Mapping[str, Any] | None = registered["decision"]
    if decision is None:
        return LocalizedText(t("gate_person", reason=reason)) if reason else None
    sentences = [_against_baseline(registered, t), _against_champion(decision, t)]
    if not decision["promote"]:
        sentences.insert(0, t("gate_refused"))
    if registered.get("refit_of") is not None:
        sentences.append(t("gate_refit"))
    return LocalizedText(" ".join(filter(None, sentences)))


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


def _as_written(text: str | None, t: Words) -> LocalizedText | None:
    if not text:
        return None
    return LocalizedText(text, None if t.language == _WRITTEN_IN else _WRITTEN_IN)


def _signal(model: ModelInfo) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Return what the tests of quality and of taste found; none where a card lacks a number."""
    signal: Mapping[str, Any] = model.card.get("signal") or {}
    quality, taste = signal.get("quality") or {}, signal.get("taste") or {}
    if quality.keys() >= _NUMBERS and taste.keys() >= _NUMBERS:
        return quality, taste
    return None
