"""`bnlab layers`: the inside of a network, and what is wrong there in words."""

from collections.abc import Sequence

from bnlab.cli.ids import job_id_of
from bnlab.cli.options import AsJson, JobIds, Url, fail_unless, for_each, print_json
from bnlab.errors import BnlabError
from bnlab.sdk.client import Client, Job
from bnlab.terminal.findings import lines_of
from bnlab.terminal.layers import tables_of
from bnlab.terminal.printing import console, say, visible, warn


def layers(ids: JobIds, as_json: AsJson = False, url: Url = None) -> None:
    """A row a layer: what it gets, what reaches it, how far it moves; and what is wrong, in words.

    Each measure at first, at last, and at its worst with the step; also while a job runs.
    """
    with Client(url) as client:

        def show(typed: str) -> None:
            job_id = job_id_of(client, typed)
            summary, found = client.summary(job_id, "activations")["activations"], client.findings(job_id)
            if as_json:
                print_json({**found, "layers": summary})
                return
            if len(ids) > 1:
                say(visible(job_id))
            for table in tables_of(summary, console.width):
                console.print(table)
                say("")
            say("\n".join(lines_of(found, console.width)))

        fail_unless(for_each(ids, show))


def say_findings(client: Client, jobs: Sequence[Job]) -> None:
    """What is wrong with jobs that were followed to their end, each under its id where there are several.

    Where findings cannot be had, a warning says why: a training that went well did so for all that.
    """
    for job_id in (job["id"] for job in jobs if job["status"] != "deleted"):
        try:
            found = client.findings(job_id)
        except BnlabError as error:
            warn(f"no findings of {job_id}: {error}")
            continue
        if len(jobs) > 1:
            say(visible(job_id))
        say("\n".join(lines_of(found, console.width)))
