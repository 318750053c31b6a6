"""The model that answers, in plain words: its errors beside simpler ways, and where it is from."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cartelera.service.answering.replies import ModelInfo
from cartelera.service.page.model_verdicts import LocalizedText, gate_verdict, signal_verdict
from cartelera.service.page.section import Section

_MODEL: Final = "model"
_POPULARITY: Final = "popularity"
_RMSE: Final = "rmse"
_NDCG: Final = "ndcg_at_k"
_MEASURES: Final = {_NDCG: "NDCG", _RMSE: "RMSE", "mae": "MAE"}

Metrics = Mapping[str, Mapping[str, Any]]


class AboutModel(Section):
    """The fifth tab."""

    def show(self) -> str:
        """Show the model card."""
        model = self._answers().model()
        metrics = self._measured(model.metrics or {})
        headline, verdict = self._verdict(metrics)
        measured = [name for name in _MEASURES if any(name in way for way in metrics.values())]
        return self._markup(
            "model",
            model=model,
            headline=headline,
            verdict=verdict,
            lists=self._lists(metrics),
            signal=signal_verdict(model, self._words),
            measures=[_MEASURES[measure] for measure in measured],
            note=" ".join(self._words(f"about_{measure}") for measure in measured),
            ways=self._ways(metrics, measured),
            facts=self._facts(model),
        )

    def _measured(self, metrics: Mapping[str, Any]) -> Metrics:
        """Leave out what is no way of predicting that the page has words for."""
        return {way: values for way, values in metrics.items() if self._words.has(f"way_{way}")}

    def _verdict(self, metrics: Metrics) -> tuple[str, str]:
        t = self._words
        errors = {way: values[_RMSE] for way, values in metrics.items() if values.get(_RMSE)}
        ours = errors.pop(_MODEL, None)
        if ours is None or not errors:
            return t("model_no_metrics"), ""
        best = min(errors.values())
        headline = t("model_error", rmse=t.number(ours, 2), baseline=t.number(best, 2))
        gain = 100 * (1 - ours / best)
        if gain <= 0:
            return headline, t("model_no_gain")
        return headline, t("model_gain", percent=f"{t.number(gain, 1)}%")

    def _lists(self, metrics: Metrics) -> str:
        """Say what the lists are worth beside lists of what is popular; blank if unknown."""
        ours, popular = (metrics.get(way, {}).get(_NDCG) for way in (_MODEL, _POPULARITY))
        if ours is None or popular is None:
            return ""
        t = self._words
        return t("model_lists", ndcg=t.number(ours, 3), popular=t.number(popular, 3))

    def _ways(
        self, metrics: Metrics, measured: Sequence[str]
    ) -> list[tuple[str, list[float | None]]]:
        order = sorted(metrics, key=lambda way: (way != _MODEL, metrics[way].get(_RMSE) or 9))
        return [
            (self._words(f"way_{way}"), [metrics[way].get(measure) for measure in measured])
            for way in order
        ]

    def _facts(self, model: ModelInfo) -> list[tuple[str, LocalizedText]]:
        t = self._words
        facts = {
            "gate": gate_verdict(model, t),
            "trained": _moment(model.trained_at),
            "learnt_from": self._learnt_from(model),
            "can_list": self._can_list(model),
            "rating_params": _listed(*model.rating_model.params),
            "ranking_params": _listed(model.ranking_model.params),
            "data_digest": _listed({name: each[:16] for name, each in model.data_digest.items()}),
        }
        return [(t(key), value) for key, value in facts.items() if value]

    def _can_list(self, model: ModelInfo) -> LocalizedText:
        t, ranking = self._words, model.ranking_model
        titles, unrated = t.number(ranking.n_titles), t.number(ranking.n_unrated)
        return LocalizedText(t("can_list_value", titles=titles, unrated=unrated))

    def _learnt_from(self, model: ModelInfo) -> LocalizedText | None:
        n_ratings = model.card.get("train", {}).get("n_ratings")
        if n_ratings is None:
            return None
        t = self._words
        counts = {"ratings": n_ratings, "titles": model.n_titles, "users": model.n_users}
        return LocalizedText(t("learnt_value", **{name: t.number(n) for name, n in counts.items()}))


def _moment(written: str | None) -> LocalizedText | None:
    """Shorten a moment in UTC as ISO 8601 writes it to its minute."""
    return LocalizedText(f"{written.replace('T', ' ')[:16]} UTC") if written else None


def _listed(*groups: Mapping[str, Any]) -> LocalizedText | None:
    """List names and values as programs write them; groups of them apart."""
    listed = [
        ", ".join(
            f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
            for name, value in values.items()
            if value is not None
        )
        for values in groups
    ]
    return LocalizedText("; ".join(listed)) if any(listed) else None
