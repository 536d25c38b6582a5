"""Experiments: the part of the client that submits them, finds them, and fetches what they found."""

from typing import Any, Literal

from bnlab.sdk import pages
from bnlab.sdk.connection import Connection
from bnlab.sdk.requests import Document, body_of, experiment_path


class Experiments:
    """See `bnlab.Client`, which is this too."""

    _connection: Connection

    def submit_experiment(self, document: Document | None = None, /, **fields: Any) -> dict[str, Any]:
        """Queue variants times grid times seeds of a job document; all of them are checked first.

        With `tune={"over": "/training/optimizer/learning_rate"}` each variant is compared at its best setting of an
        axis of `grid`, chosen on the validation part.
        """
        return self._connection.post("/experiments", body_of(document, fields))

    def experiment(self, experiment_id: str, *, points: int | None = None, seeds: bool | None = None) -> dict[str, Any]:
        """An experiment with its jobs, and what they have found so far: `answer["verdicts"][0]["sentence"]`.

        `answer["tuned"]` has each variant at each setting of the axes that it is tuned over, and which one each seed
        counts at; each verdict's `values` have the number of each seed that it is of.

        Each group's curves have at most `points` steps: without it 200, or fewer where there are many groups. seeds:
        whether each seed's numbers are there; without it where there are few: no more than 200 jobs, and no more than
        400 numbers in the verdicts.
        """
        return self._connection.get(experiment_path(experiment_id), {"points": points, "seeds": seeds})

    def experiments(
        self,
        *,
        part: str | None = None,
        name: str | None = None,
        created_after: str | float | None = None,
        created_before: str | float | None = None,
        limit: int = 20,
    ) -> list[dict[str, Any]]:
        """At most `limit` experiments, newest first, with how many of their jobs stand where.

        part: how their ids begin or end; name: how their names begin; times: RFC 3339, or seconds since 1970.
        """
        times = {"created_after": created_after, "created_before": created_before}
        return pages.listed(self._connection, "/experiments", {"id": part, "name": name, **times}, limit)

    def compare(
        self,
        experiment_id: str,
        series: str,
        *,
        kind: Literal["last", "mean", "rms", "wander"] = "last",
        first: int | None = None,
        last: int | None = None,
        goal: Literal["min", "max"] | None = None,
        minus: str | None = None,
        tuned: bool = False,
    ) -> dict[str, Any]:
        """A series, such as `rank.hidden3.rank`, by variant and grid point, with differences and ratios seed by seed.

        kind: the last value, or from the step `first` to the step `last` the mean, the root mean square or, of a
        layer's units (`units.hidden3`), how far their medians wander. goal: whether less or more of it is better, by
        which what diverged is the worst; accuracies and losses know that themselves. minus: another series, whose
        number in the same job is taken away. tuned: of an experiment that tunes each seed at the setting that was
        chosen for it, in place of every grid point.
        """
        asked = {
            "series": series,
            "kind": kind,
            "from": first,
            "to": last,
            "goal": goal,
            "minus": minus,
            "tuned": tuned or None,
        }
        return self._connection.get(f"{experiment_path(experiment_id)}/compare", asked)

    def ensemble(self, experiment_id: str) -> dict[str, Any]:
        """Its networks that kept their probabilities (`evaluation.probabilities`), evaluated together."""
        return self._connection.get(f"{experiment_path(experiment_id)}/ensemble", {})

    def cancel_experiment(self, experiment_id: str) -> dict[str, Any]:
        """Cancel those of its jobs that have not ended."""
        return self._connection.post(f"{experiment_path(experiment_id)}/cancel")

    def add_seeds(self, experiment_id: str, seeds: int) -> dict[str, Any]:
        """Queue the jobs of so many further seeds."""
        return self._connection.post(f"{experiment_path(experiment_id)}/seeds", body_of({"seeds": seeds}, {}))

    def delete_experiment(self, experiment_id: str) -> None:
        """Delete an experiment that has ended, with its jobs and everything that they recorded."""
        self._connection.delete(experiment_path(experiment_id))
