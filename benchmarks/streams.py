"""How soon a step is seen by 200 streams of one API process, and whether that process grows meanwhile.

python -m benchmarks.streams [SECONDS]
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks import service
from jobs.settings import Settings

RESULTS = Path(__file__).parent / "results" / "streams.json"
STREAMS = 200
SECONDS = 60.0  # of the measurement, after as long as it takes until every stream has begun
DOCUMENT = {"batch_norm": True, "data": {"dataset": "synthetic"}, "training": {"steps": 5_000_000}}


def main() -> None:
    """Measure, print, and keep the result."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), broker_url="memory://localhost")
        with service.api(settings) as (client, process), service.worker(settings):
            job_id = client.post("/jobs", json=DOCUMENT).json()["id"]
            while client.get(f"/jobs/{job_id}").json()["progress"]["step"] == 0:
                time.sleep(0.2)
            url = f"{client.base_url}/stream?jobs={job_id}&names=train.loss"
            delays, thinned, memory = asyncio.run(_listen(url, seconds, psutil.Process(process.pid)))
            client.post(f"/jobs/{job_id}/cancel")
    delays.sort()
    found = {
        "streams": STREAMS,
        "seconds": seconds,
        "steps seen, of all streams": len(delays),
        "events that were thinned": thinned,
        "median seconds": round(delays[len(delays) // 2], 2),
        "95th percentile": round(delays[len(delays) * 95 // 100], 2),
        "API's memory in MB, a tenth of the time each": memory,
    }
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


async def _listen(url: str, seconds: float, process: psutil.Process) -> tuple[list[float], int, list[int]]:
    """Of every row that any stream has seen, how long after it was taken; how many events had buckets instead of steps;
    and the server's memory.
    """
    delays: list[float] = []
    thinned: list[int] = []  # bucket widths
    limits = httpx.Limits(max_connections=STREAMS)
    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
        begun = [asyncio.Event() for _ in range(STREAMS)]
        listeners = [asyncio.create_task(_follow(client, url, delays, thinned, each)) for each in begun]
        await asyncio.gather(*(each.wait() for each in begun))
        delays.clear()  # what was there before, each has got at once
        thinned.clear()
        memory = []
        for _ in range(10):
            await asyncio.sleep(seconds / 10)
            memory.append(round(process.memory_info().rss / 2**20))
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
    return delays, len(thinned), memory


async def _follow(
    client: httpx.AsyncClient, url: str, delays: list[float], thinned: list[int], begun: asyncio.Event
) -> None:
    async with client.stream("GET", url) as response:
        async for line in response.aiter_lines():
            if not line.startswith('data: {"job"') or '"train"' not in line:
                continue
            rows: dict[str, Any] = json.loads(line.removeprefix("data: "))
            if begun.is_set():
                now = time.time()
                delays.extend(now - taken for taken in rows["train"]["time"])
                thinned.extend(filter(None, [rows.get("bucket_width")]))
            begun.set()


if __name__ == "__main__":
    main()
