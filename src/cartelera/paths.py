"""Where the stages keep their files, relative to one data folder."""

from dataclasses import dataclass
from pathlib import Path

from cartelera.errors import InputError


@dataclass(frozen=True)
class Paths:
    """The layout of the data folder.

    Attributes:
        root: The data folder itself.
    """

    root: Path = Path("data")

    @property
    def raw(self) -> Path:
        """Raw catalogues and, in a folder of their own, raw ratings."""
        return self.root / "raw"

    @property
    def clean(self) -> Path:
        """Clean titles and ratings (CSV and Parquet) and the rejected rows."""
        return self.root / "clean"

    @property
    def clean_titles(self) -> Path:
        """Clean titles, as Parquet."""
        return self.clean / "titles.parquet"

    @property
    def clean_ratings(self) -> Path:
        """Clean ratings, as Parquet."""
        return self.clean / "ratings.parquet"

    @property
    def received_ratings(self) -> Path:
        """The latest ratings users sent to the service, whether they count or not, as Parquet."""
        return self.clean / "received_ratings.parquet"

    @property
    def features(self) -> Path:
        """Model-ready tables."""
        return self.root / "features"

    @property
    def model_titles(self) -> Path:
        """Model-ready titles, as CSV."""
        return self.features / "titles.csv"

    @property
    def model_ratings(self) -> Path:
        """Model-ready ratings, as CSV."""
        return self.features / "ratings.csv"

    @property
    def scores(self) -> Path:
        """Mean rating and number of ratings of every rated title, as CSV."""
        return self.features / "scores.csv"

    @property
    def train(self) -> Path:
        """Ratings to learn from, as Parquet."""
        return self.features / "train.parquet"

    @property
    def test(self) -> Path:
        """Ratings to measure with, as Parquet."""
        return self.features / "test.parquet"

    @property
    def left_out(self) -> Path:
        """Received ratings beyond their share, in neither part, as Parquet."""
        return self.features / "left_out.parquet"

    @property
    def model(self) -> Path:
        """What search, training and registering leave behind."""
        return self.root / "model"

    @property
    def best_params(self) -> Path:
        """The winning trial's parameters."""
        return self.model / "best_params.json"

    @property
    def best_ranking_params(self) -> Path:
        """The winning trial's parameters of the ranking model."""
        return self.model / "best_ranking_params.json"

    @property
    def factors(self) -> Path:
        """The exported model, fitted on train: the one that is measured."""
        return self.model / "factors"

    @property
    def shipped(self) -> Path:
        """The exported model that ships: the same one, or refitted on train and test."""
        return self.model / "shipped"

    @property
    def champion(self) -> Path:
        """What ships: the registered champion's files, whichever run made them."""
        return self.model / "champion"

    @property
    def served_model(self) -> Path:
        """Both models of what ships."""
        return self.champion / "shipped"

    @property
    def registered(self) -> Path:
        """Which registered version ships, and why."""
        return self.champion / "registered.json"

    @property
    def recommendations(self) -> Path:
        """The lists of all users, as Parquet files by user range."""
        return self.root / "recommendations"

    @property
    def bento(self) -> Path:
        """The built service, ready for `bentoml serve`."""
        return self.root / "bento"

    @property
    def reports(self) -> Path:
        """Everything made for people to look at."""
        return self.root / "reports"


def require(path: Path, made_by: str) -> Path:
    """Return the path if something is there.

    Args:
        path: A file or folder that an earlier stage makes.
        made_by: The name of that stage.

    Raises:
        InputError: If nothing is there; says which stage to run.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist: run the {made_by} stage first.")
    return path
