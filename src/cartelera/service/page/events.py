"""Tying handlers to components, so that no state stays on the server and no handler fails."""

import logging
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import gradio as gr
from gradio.components import Component

from cartelera.service.page.markup import Markup

logger = logging.getLogger(__name__)


def on(
    events: Sequence[Any],
    handler: Callable[..., Any],
    inputs: Sequence[Component],
    outputs: Sequence[Component],
    markup: Markup,
) -> None:
    """Let a handler answer events with HTML for each output.

    While one of them is being answered, the last of those that follow waits: an answer never
    overwrites that of a later question.

    What the browser sent reaches the handler as it is, which checks it: a choice that is none must
    not become an error of the server. There is no queue: any worker can answer at once.

    Args:
        events: Such as `button.click`; several only of the kinds all components have.
        handler: Called with what each input sent.
        inputs: What is sent.
        outputs: What the handler's HTML goes to, one for each.
        markup: Makes the sentence that is shown when the handler fails.
    """
    listen = partial(gr.on, list(events)) if len(events) > 1 else events[0]
    listen(
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
