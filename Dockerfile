# One image for all processes: `docker run IMAGE tick`, `worker`, `api`, `migrate`, `doctor`, `pgbeat keys list`.
# It writes nothing: run it with a read-only root file system and a /tmp of its own.

FROM node:26-bookworm-slim AS dependencies
WORKDIR /pgbeat
COPY package.json package-lock.json .npmrc ./
# No package that is needed at run time has an install script.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund && find node_modules -name "*.map" -delete

FROM node:26-bookworm-slim AS build
WORKDIR /pgbeat
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:26-bookworm-slim
LABEL org.opencontainers.image.title=pgbeat org.opencontainers.image.licenses=MIT
# The cache makes a command, such as that of a health check, begin a quarter sooner.
ENV NODE_ENV=production NODE_COMPILE_CACHE=/tmp/node-compile-cache PATH=/pgbeat/bin:$PATH
WORKDIR /pgbeat
COPY --from=dependencies /pgbeat/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY db/migrations db/migrations
# Compiled, for that begins sooner than its source does; compose mounts that for development, and it is run then.
COPY --from=build /pgbeat/dist dist
USER node
EXPOSE 8000
# Whether a tick, a worker or an API of this container has told the database within 6 s that it is alive.
HEALTHCHECK --interval=20s --timeout=10s --start-period=30s --retries=2 CMD ["doctor", "alive"]
ENTRYPOINT []
CMD ["pgbeat", "--help"]
