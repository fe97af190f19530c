# The worker: nightporter, its dependencies as locked, and the Prefect entrypoints.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-deps --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY nightporter ./nightporter
COPY detectors ./detectors
COPY flows ./flows
COPY sample_logs ./sample_logs
RUN python -m pip wheel --no-deps --wheel-dir /dist . \
 && /opt/venv/bin/pip install --no-deps --no-index /dist/*.whl

FROM python:3.11-slim-bookworm
# Fixed, so that volumes and access lists on the host can name it.
RUN groupadd --gid 10001 nightporter \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin nightporter \
 && install --directory --owner 10001 --group 10001 --mode 0700 /workspace
COPY --from=build /opt/venv /opt/venv
COPY prefect.yaml /opt/nightporter/
COPY flows /opt/nightporter/flows
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DO_NOT_TRACK=1 HOME=/tmp
WORKDIR /opt/nightporter
USER 10001:10001
CMD ["nightporter", "--help"]
