# better-sqlite3 is compiled where no binary fits: the tools for that stay behind in the stages that need them.
FROM node:20-bookworm-slim AS tools
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

FROM node:20-bookworm-slim
WORKDIR /app
# The folder of the default SQLite file; mount a volume here to keep it.
RUN mkdir data && chown node:node data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
ENV NODE_ENV=production \
    DATABASE_URL=sqlite:///./data/stock_tracker.db
VOLUME /app/data
USER node
EXPOSE 8000
# The start period is as long as a start waits for the database.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# In this form node gets SIGTERM itself, and finishes what it has begun.
CMD ["node", "dist/main.js"]
