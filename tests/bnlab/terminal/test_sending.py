"""How far a file is sent is shown where there is a terminal, and nowhere else."""

import io

import pytest
from rich.console import Console

from bnlab.terminal.sending import sending


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_bar_is_shown_to_people_alone(is_terminal: bool) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=is_terminal, width=100)
    with sending(console) as progress:
        progress(500_000, 1_000_000)
        progress(1_000_000, 1_000_000)
    assert ("the server looks into it" in shown.getvalue()) == is_terminal
