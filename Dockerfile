# Two stages: what builds stays behind. One image for every role; the command says which.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY tools/locked.py tools/
RUN python -m venv /opt/imagegen \
 && python tools/locked.py setuptools > run.lock \
 && /opt/imagegen/bin/pip install --no-cache-dir --require-hashes --requirement run.lock
COPY shopify_imagegen shopify_imagegen
COPY webhooks webhooks
RUN /opt/imagegen/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/imagegen imagegen
COPY --from=build /opt/imagegen /opt/imagegen
ENV PATH=/opt/imagegen/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    IMAGEGEN__APP__DATA_DIR=/var/lib/imagegen \
    IMAGEGEN__APP__LOG_FORMAT=json \
    IMAGEGEN__DATABASE__URL=sqlite:////var/lib/imagegen/imagegen.db
WORKDIR /var/lib/imagegen
USER 10001
VOLUME /var/lib/imagegen
EXPOSE 8000
# SIGTERM lets a picture that is being paid for finish: give the container two and a half minutes
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["shopify-imagegen", "serve", "--host", "0.0.0.0", "--port", "8000"]
