"""Tying handlers to components, so that no state stays on the server and no handler fails."""

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from gradio.components import Component

from cartelera.service.page.markup import Markup

logger = logging.getLogger(__name__)


def on(
    event: Any,
    handler: Callable[..., Any],
    inputs: Sequence[Component],
    outputs: Sequence[Component],
    markup: Markup,
) -> None:
    """Let a handler answer an event with HTML for each output.

    What the browser sent reaches the handler as it is, which checks it: a choice that is none must
    not become an error of the server. There is no queue: any worker can answer at once.
    """
    event(
        _without_failing(handler, len(outputs), markup),
        inputs=list(inputs),
        outputs=list(outputs),
        preprocess=False,
        queue=False,
        show_progress="hidden",
        trigger_mode="always_last",
        api_visibility="private",
    )


def _without_failing(
    handler: Callable[..., Any], n_outputs: int, markup: Markup
) -> Callable[..., Any]:
    @wraps(handler)
    def answer(*sent: Any) -> Any:
        try:
            return handler(*sent)
        except Exception:  # whoever watches sees a sentence, the log has the reason
            logger.exception("The page could not answer %s.", handler.__name__)
            broken = markup.note(markup.words("broken"), "problem")
            return broken if n_outputs == 1 else (broken, *[""] * (n_outputs - 1))

    return answer
