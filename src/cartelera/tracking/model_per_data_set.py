"""The registered model of each data set: the champion of one never meets another's titles."""

import json
import logging
from itertools import count
from typing import Final

import pandas as pd
from mlflow.exceptions import MlflowException

from cartelera.catalogue.fingerprint import Fingerprint
from cartelera.tracking.runs import Tracker
from cartelera.tracking.store import reaching

_NOTE: Final = (
    "A rating and a ranking model of the data set `{source}`. The version that ships is "
    "`champion`; the one before it is `previous`, the latest `candidate`. Each says why in its "
    "description; `cartelera models` lists them."
)

logger = logging.getLogger(__name__)

DATA: Final = "cartelera.data"


def name_of_data(
    tracker: Tracker, base: str, fingerprint: Fingerprint, titles: pd.DataFrame
) -> str:
    """Return the name of the registered model of a data set; make it if the data are new.

    The first data set has the name itself, the others `name-2`, `name-3` and so on.

    Args:
        tracker: The store.
        base: The name of the first.
        fingerprint: That of today's data, kept for tomorrow's.
        titles: Today's clean titles.

    Raises:
        CarteleraError: If the store cannot be reached.
    """
    said = json.dumps(fingerprint.to_json(), sort_keys=True)
    with reaching(tracker.uri):
        for number in count(1):
            name = base if number == 1 else f"{base}-{number}"
            known = _tags(tracker, name)
            if known is None:
                note = _NOTE.format(source=fingerprint.source)
                tracker.client.create_registered_model(name, {DATA: said}, note)
                if number > 1:
                    logger.warning(
                        "These data are not those of %s: their models are registered as %s.",
                        base,
                        name,
                    )
                return name
            if DATA in known and Fingerprint.from_json(json.loads(known[DATA])).matches(titles):
                tracker.client.set_registered_model_tag(name, DATA, said)
                return name

    raise AssertionError("there is always a further number")


def _tags(tracker: Tracker, name: str) -> dict[str, str] | None:
    try:
        return dict(tracker.client.get_registered_model(name).tags)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
