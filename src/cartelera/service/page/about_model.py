"""The model that answers, in plain words: its errors beside simpler ways, and where it is from."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from cartelera.service.answers import Answers
from cartelera.service.page.markup import Markup
from cartelera.service.replies import ModelInfo

_MODEL: Final = "model"
_MEASURES: Final = {"rmse": "RMSE", "mae": "MAE", "ndcg_at_k": "NDCG"}

Metrics = Mapping[str, Mapping[str, Any]]


class AboutModel:
    """The fifth tab."""

    def __init__(self, answers: Callable[[], Answers], markup: Markup):
        self._answers = answers
        self._markup = markup
        self._words = markup.words

    def show(self) -> str:
        """Show the model card."""
        model = self._answers().model()
        metrics = self._measured(model.metrics or {})
        headline, verdict = self._verdict(metrics)
        return self._markup(
            "model",
            model=model,
            headline=headline,
            verdict=verdict,
            measures=list(_MEASURES.values()),
            ways=self._ways(metrics),
            facts=self._facts(model),
        )

    def _measured(self, metrics: Mapping[str, Any]) -> Metrics:
        """Leave out what is no way of predicting that the page has words for."""
        return {way: values for way, values in metrics.items() if self._words.has(f"way_{way}")}

    def _verdict(self, metrics: Metrics) -> tuple[str, str]:
        t = self._words
        errors = {way: values["rmse"] for way, values in metrics.items() if values.get("rmse")}
        ours = errors.pop(_MODEL, None)
        if ours is None or not errors:
            return t("model_no_metrics"), ""
        best = min(errors.values())
        headline = t("model_error", rmse=t.number(ours, 2), baseline=t.number(best, 2))
        gain = 100 * (1 - ours / best)
        if gain <= 0:
            return headline, t("model_no_gain")
        return headline, t("model_gain", percent=f"{t.number(gain, 1)}%")

    def _ways(self, metrics: Metrics) -> list[tuple[str, list[float | None]]]:
        order = sorted(metrics, key=lambda way: (way != _MODEL, metrics[way].get("rmse") or 9))
        return [
            (self._words(f"way_{way}"), [metrics[way].get(measure) for measure in _MEASURES])
            for way in order
        ]

    def _facts(self, model: ModelInfo) -> list[tuple[str, str]]:
        t = self._words
        trained_on = model.card.get("train", {})
        facts = {
            "trained": (model.trained_at or "").replace("T", " ")[:16],
            "learnt_from": t(
                "learnt_value",
                ratings=t.number(trained_on["n_ratings"]),
                titles=t.number(model.n_titles),
                users=t.number(model.n_users),
            )
            if "n_ratings" in trained_on
            else "",
            "params": ", ".join(
                f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
                for name, value in model.card.get("params", {}).items()
            ),
            "gate": str(model.registered.get("reason", "")),
            "data_digest": ", ".join(
                f"{name}: {digest[:16]}" for name, digest in (model.data_digest or {}).items()
            ),
        }
        return [(t(key), value) for key, value in facts.items() if value]
