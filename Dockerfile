# One image for every process of docker-compose.yml; each service there says which command it runs.
FROM python:3.11-slim

WORKDIR /farmhand
RUN useradd --system --create-home farmhand && install -d -o farmhand /data

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

# ThreeFold's program that deploys: its address and checksum are the operator's choice (docs/threefold.md).
ARG TFCMD=
ARG TFCMD_SHA256=
RUN [ -z "$TFCMD" ] || { \
    python -c "import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])" "$TFCMD" /tmp/tfcmd && \
    echo "$TFCMD_SHA256  /tmp/tfcmd" | sha256sum -c - && \
    { tar -xzf /tmp/tfcmd -C /usr/local/bin tfcmd || install /tmp/tfcmd /usr/local/bin/tfcmd; }; }

COPY . .
ENV FARMHAND_STATIC=/farmhand/static.collected PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Django wants its settings even to collect files; none of these values stays.
RUN SECRET_KEY=- FARMHAND_KEYS=- DATABASE_URL=dbname=- FARMHAND_VALKEY=redis://- \
    python manage.py collectstatic --no-input

USER farmhand
