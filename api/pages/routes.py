"""The pages: shells without data, which their scripts fill from the API's other routes.

What they link to and load is named relative to them: a proxy may have all of this under a path of its own.
"""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from api.pages import assets
from api.pages.policy import PAGE

Endpoint = Callable[[Request], Awaitable[Response]]

PAGES = {
    "": ("jobs", "Jobs"),
    "new": ("new", "New job"),
    "datasets": ("datasets", "Datasets"),
    "workers": ("workers", "Workers and queue"),
    "jobs/{job_id}": ("job", "Job"),
}
"""By path under /ui/, each page's template, which is its script's name too, and its title."""

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined
)


def routes() -> list[Route]:
    """Every page, what they load, and what is answered where no page is."""
    pages = [Route(f"/ui/{path}", _page(*page)) for path, page in PAGES.items()]
    return [
        Route("/ui", _to_jobs),
        *pages,
        Route("/ui/{path:path}", _page("missing", "No such page", status=404)),
        Route("/assets/{digest}/{path:path}", assets.asset),
    ]


def _page(name: str, title: str, status: int = 200) -> Endpoint:
    async def page(request: Request) -> Response:
        depth = request.scope["path"].removeprefix(request.scope.get("root_path", "")).count("/") - 1
        root = "../" * depth
        text = TEMPLATES.get_template(f"{name}.html").render(
            name=name,
            title=title,
            root=root,
            assets=f"{root}assets/{assets.digest()}",
            modules=assets.modules(name),
            version=version("bnlab"),
        )
        return HTMLResponse(text, status, headers=PAGE)

    return page


async def _to_jobs(_request: Request) -> Response:
    """The browser's own address may be under a proxy's path: only the last part of it is named."""
    return RedirectResponse("ui/")
