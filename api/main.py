"""What uvicorn serves: `uvicorn api.main:app`."""

from api.app import create_app
from jobs.logs import configure
from jobs.settings import settings_or_exit

settings = settings_or_exit()
configure(settings.log)
app = create_app(settings)
