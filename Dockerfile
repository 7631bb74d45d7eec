# One image for every process; which one it is, the command says (see docker-compose.yml).

FROM node:20-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /opt/siku
COPY requirements.txt ./
RUN /opt/siku/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
COPY --from=assets /app/node_modules node_modules
RUN python deploy/assets.py && rm -rf node_modules package.json package-lock.json .npmrc

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /var/lib/siku siku
COPY --from=build /opt/siku /opt/siku
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/siku/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 LC_ALL=C.UTF-8 MALLOC_ARENA_MAX=2
USER 10001
VOLUME /var/lib/siku
CMD ["python", "-m", "deploy.preparing"]
