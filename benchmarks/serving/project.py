"""A small project of its own that serves, retrains and gates while it is under load."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SETTINGS = Path(__file__).with_name("small_project.yaml")
POOR = (
    "search.n_trials=1",
    "search.space.n_factors.high=2",
    "search.ranking.n_trials=1",
    "search.ranking.space.n_factors.high=4",
    "search.ranking.space.reg.low=99",
    "search.ranking.space.reg_count.low=9.9",
)
"""Lists that are nearly the same for all: the gate has to refuse them."""

MIDDLING, BETTER = ("search.ranking.space.n_factors.high=6",), ()
ROUNDS = (POOR, BETTER)
"""What the searches of the retrainings may draw, in turns."""


@dataclass(frozen=True)
class Retraining:
    """What came of a retraining.

    Attributes:
        is_poor: Whether its search could only find poor lists.
        version: Of the candidate.
        is_promoted: Whether the gate made it champion.
        ndcg: Of the candidate's lists.
        champion_ndcg: Of those of the champion before, on the same ratings; None without one.
    """

    is_poor: bool
    version: int
    is_promoted: bool
    ndcg: float
    champion_ndcg: float | None

    @property
    def is_worse(self) -> bool:
        """Whether it ships and should not."""
        beaten = self.champion_ndcg is not None and self.ndcg <= self.champion_ndcg
        return self.is_promoted and (self.is_poor or beaten)


@dataclass(frozen=True)
class Project:
    """The project.

    Attributes:
        root: Its folder.
    """

    root: Path

    @classmethod
    def make(cls, root: Path) -> "Project":
        """Lay a project out and run its pipeline once, so that a better model can come."""
        subprocess.run(["cartelera", "init", str(root)], check=True)
        local = root / "conf" / "local"
        local.mkdir()
        (local / "default.yaml").write_text(SETTINGS.read_text())
        project = cls(root)
        project.retrain(MIDDLING)
        return project

    @property
    def titles(self) -> Path:
        """The clean titles."""
        return self.root / "data" / "clean" / "titles.csv"

    @property
    def feedback(self) -> Path:
        """The folder of received ratings."""
        return self.root / "feedback"

    def retrain(self, overrides: tuple[str, ...]) -> Retraining | None:
        """Run the pipeline on what there is; None if it failed, with what it said in a file."""
        store = {"BENTOML_HOME": str(self.root / ".bentoml")}
        with (self.root / "retraining.log").open("ab") as log:
            ran = subprocess.run(
                ["nice", "cartelera", "repro", *overrides],
                cwd=self.root,
                env=os.environ | store,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if ran.returncode:
            return None
        found = json.loads((self.root / "data" / "reports" / "gate.json").read_text())
        contest = found["decision"]["contest"]
        champion = contest.get("champion")
        return Retraining(
            overrides == POOR,
            found["version"],
            found["is_champion"],
            contest["candidate"]["ndcg"],
            champion and champion["worth"]["ndcg"],
        )
