"""The versions of a registered model at a glance."""

from dataclasses import dataclass

from mlflow.entities.model_registry import ModelVersion

from cartelera.tracking.recipes import WITHDRAWN
from cartelera.tracking.registration import REASON, REFIT_OF, decided, measured_of
from cartelera.tracking.store import reaching
from cartelera.tracking.versions import TRAINED_AT, Versions


@dataclass(frozen=True)
class VersionLine:
    """What people want to know of a version.

    Attributes:
        version: Its number.
        states: Its aliases; `refit of N` for the recipe of version N, fitted on later ratings; and
            `withdrawn` if a person took it out of the champion's place.
        rmse: Its test RMSE, in stars.
        bias_only_rmse: That of the bias baseline on the same test part.
        ndcg: NDCG@k of its lists, if it is known.
        popularity_ndcg: That of what is popular.
        split_digest: The split all were measured on.
        trained_at: When its training began, ISO 8601 in UTC.
        why: The last word on it: a person's, or the gate's.
    """

    version: int
    states: tuple[str, ...]
    rmse: float | None
    bias_only_rmse: float | None
    ndcg: float | None
    popularity_ndcg: float | None
    split_digest: str | None
    trained_at: str | None
    why: str | None


def overview(versions: Versions) -> list[VersionLine]:
    """List the versions, newest first.

    Raises:
        CarteleraError: If the store cannot be reached.
    """
    with reaching(versions.tracker.uri):
        return [_line(version) for version in versions.all()]


def _line(version: ModelVersion) -> VersionLine:
    measured = measured_of(version)
    withdrawn = version.tags.get(WITHDRAWN)
    decision = decided(version)
    states = sorted(version.aliases)
    if REFIT_OF in version.tags:
        states.append(f"refit of {version.tags[REFIT_OF]}")
    return VersionLine(
        version=int(version.version),
        states=(*states, *(["withdrawn"] if withdrawn else [])),
        rmse=measured and measured.rmse,
        bias_only_rmse=measured and measured.bias_only_rmse,
        ndcg=measured and measured.ndcg,
        popularity_ndcg=measured and measured.popularity_ndcg,
        split_digest=measured and measured.split_digest,
        trained_at=version.tags.get(TRAINED_AT),
        why=withdrawn or (decision and decision.reason) or version.tags.get(REASON),
    )
