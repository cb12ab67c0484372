# better-sqlite3 is compiled where no binary fits: the tools for that stay behind in the stages that need them.
FROM node:24-trixie-slim AS tools
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./

FROM tools AS build
RUN npm ci
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY build build
COPY src src
RUN npm run build

FROM tools AS dependencies
RUN npm ci --omit=dev

FROM node:24-trixie-slim
# For backups of PostgreSQL: Debian trixie has version 17, which must not be older than the server in compose.yaml.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# The folders of the default SQLite file and of backups; mount volumes here to keep them.
RUN mkdir data backups && chown node:node data backups
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/build/run.js build/run.js
COPY package.json ./
ENV NODE_ENV=production \
    DATABASE_URL=sqlite:///./data/stock_tracker.db
# So that commands of npm need neither the network nor a home.
ENV npm_config_update_notifier=false \
    npm_config_cache=/tmp/npm
VOLUME ["/app/data", "/app/backups"]
USER node
EXPOSE 8000
# The start period is as long as a start waits for the database.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# In this form node gets SIGTERM itself, and finishes what it has begun.
CMD ["node", "dist/main.js"]
