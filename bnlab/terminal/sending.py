"""A file that is sent: a bar in a terminal, and nothing elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

SENT, JUDGED = "sent", "sent; the server looks into it"


@contextmanager
def sending(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Gives what is to be told, again and again, how many bytes of how many are sent."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
        bar = bars.add_task(SENT, total=None)

        def progress(sent: int, total: int) -> None:
            bars.update(bar, completed=sent, total=total, description=SENT if sent < total else JUDGED)

        yield progress
