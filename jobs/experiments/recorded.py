"""Whether jobs record what an experiment asks for, as it is known before any of them runs."""

from collections.abc import Iterable

from jobs.errors import FieldError, InvalidSpec
from jobs.experiments.document import ExperimentSpec, Member
from jobs.experiments.question import OfSeries, OverSteps, Wander
from jobs.experiments.tuning import chosen_by
from jobs.series.format.columns import expected
from jobs.spec.resolved import Resolved


def require_recorded(spec: ExperimentSpec, planned: Iterable[tuple[Member, Resolved]]) -> None:
    """Raise InvalidSpec where jobs do not record what the experiment is judged by, or settings are chosen by."""
    groups = {(member.variant, member.at): resolved for member, resolved in planned}
    if chosen_by(spec):
        where = "/tune" if spec.tune else "/primary/over"
        for (variant, _), resolved in groups.items():
            if not resolved.has_validation:
                told = f"settings are chosen on the validation part, and variant '{variant}' has none: say"
                raise InvalidSpec((FieldError(where, f'{told} "data": {{"validation": 0.1}}'),))
    primary = spec.primary
    if not isinstance(primary, OfSeries | Wander):
        return
    table, _, name = primary.series.partition(".")
    recorded = [expected(resolved).get(table, ()) for resolved in groups.values()]
    if isinstance(primary, Wander):
        there = any(each.startswith(f"{name}.") for series in recorded for each in series)
    else:
        there = any(name in series for series in recorded)
    if not there:
        tables = dict.fromkeys(table for resolved in groups.values() for table in expected(resolved))
        told = f"no job of this experiment records '{primary.series}'; they record series of: {', '.join(tables)}"
        raise InvalidSpec((FieldError("/primary/series", told),))
    longest = max(resolved.steps for resolved in groups.values())
    if isinstance(primary, OverSteps) and (primary.from_step or 0) > longest:
        told = f"no job of this experiment is longer than {longest:,} steps, so that none has a value from there on"
        raise InvalidSpec((FieldError("/primary/from_step", told),))
