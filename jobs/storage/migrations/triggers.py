"""What no table can say of itself: whatever a statement says, a job that has ended stays as it ended."""

_FINAL = "OLD.status IN ('succeeded', 'failed', 'cancelled') AND NEW.status <> OLD.status"
_REFUSED = "a job that has ended cannot change its status"

_STATEMENTS = {
    "sqlite": (
        f"CREATE TRIGGER jobs_terminal BEFORE UPDATE OF status ON jobs WHEN {_FINAL} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refuse_to_leave_the_end() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER jobs_terminal BEFORE UPDATE OF status ON jobs FOR EACH ROW WHEN ({_FINAL}) "
        "EXECUTE FUNCTION refuse_to_leave_the_end()",
    ),
}


def terminal_is_final(dialect: str) -> tuple[str, ...]:
    """The statements that make the trigger."""
    return _STATEMENTS[dialect]
