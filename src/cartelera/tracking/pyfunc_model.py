"""The exported factors as an MLflow model: loading it runs this file and unpickles nothing."""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from cartelera import columns as c
from cartelera.factorization.factors import Factors

SHIPPED = "shipped"
PREDICTION = "prediction"


class FactorsModel(PythonModel):
    """Predicts ratings, in stars, for pairs of user and title."""

    def load_context(self, context: Any) -> None:
        """Read the factors that ship; those fitted on train alone lie beside them."""
        self._factors = Factors.load(Path(context.artifacts[SHIPPED]))

    def predict(  # pyright: ignore[reportIncompatibleMethodOverride]  # the base returns nothing
        self,
        context: Any,  # noqa: ARG002
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Predict a rating for each row.

        Args:
            context: MLflow's.
            model_input: Columns `user_id` and `title_id`.
            params: None are known.

        Returns:
            One column, `prediction`.
        """
        users = model_input[c.USER_ID].to_numpy()
        titles = model_input[c.TITLE_ID].to_numpy(object)
        return pd.DataFrame({PREDICTION: self._factors.predict(users, titles)})


set_model(FactorsModel())
