"""Puts the API together: its routes, what they share, and who may call them."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from importlib.metadata import version
from tempfile import TemporaryFile
from typing import Any

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI
from sqlalchemy.exc import DatabaseError
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.gate import SWAGGER, Gate, token_needed
from api.access.start import say_where
from api.access.token import the_token
from api.dependencies import Opened, refuse_unknown_parameters
from api.errors import HANDLED, answer
from api.experiment_answers import ExperimentAnswers
from api.http.downloads import BYTES
from api.http.heads import Heads
from api.http.requests_log import RequestsLog
from api.http.tags import NotModified, not_modified
from api.job_answers import JobAnswers
from api.live.looks import Live
from api.metrics.page import Page
from api.metrics.requests import Observed, Requests
from api.model_files import ModelFiles
from api.openapi import PROBLEMS, complete
from api.pages import routes as pages
from api.pages import session
from api.predicting.mistakes import Examined
from api.predicting.networks import Networks
from api.routes import (
    catalogue,
    datasets,
    events,
    experiments,
    health,
    jobs,
    metrics,
    mistakes,
    models,
    predict,
    series,
    several,
    storage,
    streams,
    workers,
)
from api.sheets import Sheets
from api.wakeups import WakeUps
from jobs.errors import BnlabError, DataFolderUnusable
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from jobs.storage.schema_version import refuse_newer
from jobs.storage.uploads import sweep


def create_app(settings: Settings) -> FastAPI:
    """The application; it opens nothing before its lifespan begins."""
    requests = Requests()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        objects = open_objects(settings)
        with closing(_open(settings)) as database, closing(WakeUps(settings)) as wake_ups:
            sweep(database, objects)
            live = Live(database, objects)
            looking = asyncio.create_task(live.run())
            gc.freeze()  # what is there now stays: to look through it for garbage takes 0.1 s each time
            page, answers, sheets = Page(database, requests), JobAnswers(database), Sheets(settings.data)
            experiments = ExperimentAnswers(database, objects)
            say_where(settings, database)
            networks = Networks(database, objects)
            examined = Examined(database, objects, networks)
            files = ModelFiles(database, objects)
            made = (page, answers, experiments, sheets, networks, examined, files)
            judging, making, arriving, predicting = map(CapacityLimiter, (1, 1, 4, 1))
            opened = Opened(settings, database, objects, wake_ups, live, *made, judging, making, arriving, predicting)
            yield {"opened": opened}
            looking.cancel()

    app = FastAPI(
        title="bnlab",
        summary="Trains networks over HTTP and shows what batch normalization does inside them.",
        version=version("bnlab"),
        lifespan=lifespan,
        middleware=[
            Middleware(StartupFailure),
            Middleware(Heads),
            Middleware(Observed, requests=requests),
            *([Middleware(RequestsLog)] if settings.log == "json" else []),
            Middleware(Gate, settings=settings),
            Middleware(GZipMiddleware, compresslevel=1, exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, BYTES)),
        ],
        exception_handlers={**dict.fromkeys(HANDLED, answer), NotModified: not_modified},
        responses=PROBLEMS,
        redirect_slashes=False,
        servers=[{"url": "."}],  # relative to the document, wherever a proxy has that
        root_path_in_servers=False,
        docs_url=None,  # api.routes.health has it
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    of_jobs = (jobs, events, series, models, predict, mistakes, several, streams, experiments)
    for routes in (*of_jobs, catalogue, datasets, workers, metrics, storage, health):
        app.include_router(routes.router, dependencies=[Depends(refuse_unknown_parameters)])
    app.include_router(session.router, dependencies=[Depends(refuse_unknown_parameters)])
    app.routes.extend(pages.routes())  # whose parameters are a view's: what one does not understand, it says itself
    app.mount(SWAGGER, StaticFiles(packages=[("fastapi_swagger", "resources")]))
    complete(app.openapi())
    return app


class StartupFailure:
    """ASGI middleware: what keeps the server from starting is one line in its log, where we know what it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; in place of the traceback of one of our own errors, its message."""

        async def send_message(message: Message) -> None:
            error = sys.exception()
            if message["type"] == "lifespan.startup.failed" and isinstance(error, BnlabError):
                message = {**message, "message": str(error)}
            await send(message)

        await self.app(scope, receive, send_message if scope["type"] == "lifespan" else send)


def _open(settings: Settings) -> Database:
    """The database, in a data folder that is there and can be written. Raises DataFolderUnusable."""
    with _data_folder_errors(settings):
        refuse_newer(settings)  # before anything is written into its folder
        settings.data.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=settings.data):
            pass
        if token_needed(settings):
            the_token(settings)  # made, and printed, before anybody asks for it
        return open_database(settings)


@contextmanager
def _data_folder_errors(settings: Settings) -> Iterator[None]:
    way_out = "see that it is a folder that you may write to, with room on its disk, or name another with BNLAB_DATA"
    try:
        yield
    except OSError as error:
        message = f"cannot write into the data folder '{settings.data}': {error.strerror}; {way_out}"
        raise DataFolderUnusable(message) from error
    except DatabaseError as error:
        if settings.database_url:
            raise DataFolderUnusable(f"cannot open the database that BNLAB_DATABASE_URL names: {error.orig}") from error
        message = f"cannot open the database in the data folder '{settings.data}': {error.orig}; {way_out}"
        raise DataFolderUnusable(message) from error
