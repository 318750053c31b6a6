# The end of the service's Dockerfile, appended to the one BentoML generates (build_image.sh): the
# environment and the Bento on a fresh base, without what installed them.
FROM base-container AS trimmed
USER root
RUN find /app -type d \( -name tests -o -name include \) -path '*/site-packages/*' \
    \( -path '*/pandas/tests' -o -path '*/numpy/*/tests' -o -path '*/pyarrow/tests' \
    -o -path '*/pyarrow/include' \) -prune -exec rm -rf {} + \
    # whatever user it runs as
    && chmod -R a+rX /app /home/bentoml/bento

# BASE_IMAGE is BentoML's own choice, which build_image.sh reads from its Dockerfile.
FROM ${BASE_IMAGE}
ARG VERSION
LABEL org.opencontainers.image.title="cartelera" \
    org.opencontainers.image.description="Queries, predicted ratings and recommendations over HTTP" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="${VERSION}"

# Without BENTOML_CONTAINERIZED: with it, a worker that dies would not be replaced.
ENV LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    VIRTUAL_ENV=/app/.venv \
    PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    BENTO_PATH=/home/bentoml/bento \
    BENTOML_DO_NOT_TRACK=True \
    # /tmp is all it writes to, so that the root may be read-only and the user any.
    HOME=/tmp \
    BENTOML_HOME=/tmp/bentoml

RUN install --directory --owner 1034 --group 1034 /srv/feedback /srv/published
COPY --from=trimmed /app /app
COPY --from=trimmed /home/bentoml/bento /home/bentoml/bento
WORKDIR /home/bentoml/bento

USER 1034:1034
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:3000/readyz', timeout=4)"]
ENTRYPOINT ["/home/bentoml/bento/env/docker/entrypoint.sh"]
