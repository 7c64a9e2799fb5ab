# One image for every process of docker-compose.yml; each service there says which command it runs.
# A tag moves: give these with a digest to build from what you have looked at (docs/operating.md).
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE}

WORKDIR /farmhand
RUN useradd --system --create-home farmhand && install -d -o farmhand /data

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

# ThreeFold's programs that deploy: their addresses and checksums are the operator's choice (docs/threefold.md).
ARG TFCMD= TFCMD_SHA256= TFROBOT= TFROBOT_SHA256=
RUN get() { [ -z "$2" ] || { \
    python -c "import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])" "$2" /tmp/it && \
    echo "$3  /tmp/it" | sha256sum -c - && \
    { tar -xzf /tmp/it -C /usr/local/bin "$1" || install /tmp/it "/usr/local/bin/$1"; }; }; } && \
    get tfcmd "$TFCMD" "$TFCMD_SHA256" && get tfrobot "$TFROBOT" "$TFROBOT_SHA256"

COPY . .
ENV FARMHAND_STATIC=/farmhand/static.collected PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Django wants its settings even to collect files; none of these values stays.
RUN SECRET_KEY=- FARMHAND_KEYS=- DATABASE_URL=dbname=- FARMHAND_VALKEY=redis://- \
    python manage.py collectstatic --no-input

USER farmhand
