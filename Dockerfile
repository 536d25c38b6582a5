# Two images: `api`, which has no torch, and `worker`. Both run as a user of their own and keep everything in /data.

FROM python:3.11-slim-bookworm AS base
ENV BNLAB_DATA=/data PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PYTHONUNBUFFERED=1
RUN useradd --create-home bnlab && mkdir /data && chown bnlab /data
WORKDIR /app

FROM base AS api
# In a layer that outlives changes of the code.
COPY locks/server.txt locks/
RUN pip install --quiet --require-hashes --requirement locks/server.txt
COPY . .
RUN pip install --quiet --no-deps --editable .
USER bnlab
# A new volume at /data begins as a copy of what is here.
RUN bnlab data fetch mnist
EXPOSE 8000
# On port 8000, or on UVICORN_PORT.
CMD ["uvicorn", "api.main:app", "--host", "0.0.0.0", "--no-access-log", "--timeout-graceful-shutdown", "3"]

FROM base AS worker
ARG TORCH="torch==2.13.0"
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
# g++ and Python's headers are for compiled steps; the headers are missing where Python is Debian's own.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends g++ \
       $(test -e "$(python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" || echo python3-dev) \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --quiet ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} "$TORCH"
COPY locks/worker.txt locks/
RUN pip install --quiet --require-hashes --requirement locks/worker.txt
COPY . .
RUN pip install --quiet --no-deps --editable .
COPY --from=api --chown=bnlab /data /data
RUN mkdir --mode 700 /packages && chown bnlab /packages
USER bnlab
ENV BNLAB_QUEUES=bnlab BNLAB_PACKAGES=/packages
CMD ["celery", "-A", "worker.app", "worker", "--pool", "threads", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
