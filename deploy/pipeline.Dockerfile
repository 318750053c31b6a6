# The pipeline and the MLflow server: the project with everything it needs to train, none of the
# tools it is developed with. Build from the project's folder:
#
#   docker build --file deploy/pipeline.Dockerfile --tag cartelera-pipeline .
# 3.11.16; the release builds the service on it, too
ARG BASE_IMAGE=python:3.11-slim-bookworm@sha256:0bee7276f83efd4a1ee05bbbf4281d95ed28e079220a9457f25a93e3f1e3c31b

FROM ${BASE_IMAGE} AS installed
COPY requirements.lock /build/
RUN pip install --no-cache-dir "$(grep -o '^uv==[0-9.]*' /build/requirements.lock)" \
    && uv venv /app/.venv
ENV VIRTUAL_ENV=/app/.venv \
    UV_NO_CACHE=1 \
    UV_COMPILE_BYTECODE=1
COPY pyproject.toml README.md LICENSE MLproject dvc.yaml .dvcignore .gitignore /build/
COPY .dvc /build/.dvc
COPY conf /build/conf
COPY src /build/src
# What the extras need, in the versions of the lock, with its hashes checked.
RUN uv pip install --constraint /build/requirements.lock "/build[cluster,s3]"

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="cartelera-pipeline" \
    org.opencontainers.image.licenses="MIT"
ENV LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    PATH=/app/.venv/bin:${PATH} \
    BENTOML_DO_NOT_TRACK=True \
    HOME=/tmp \
    CARTELERA_WORK=/srv/work
RUN groupadd --gid 1034 cartelera \
    && useradd --uid 1034 --gid 1034 --no-create-home cartelera \
    && install --directory --owner 1034 --group 1034 /srv/work /srv/published /srv/feedback
COPY --from=installed /app /app
COPY dvc.yaml .dvcignore /opt/cartelera/
COPY .dvc/config /opt/cartelera/.dvc/config
COPY conf /opt/cartelera/conf
COPY deploy /opt/cartelera/deploy
COPY src /opt/cartelera/src
WORKDIR /opt/cartelera
USER 1034:1034
CMD ["deploy/train_and_publish.sh"]
