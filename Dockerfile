# Base images are named by version. To have the same bytes each time, add the digest of that version:
#   docker build --build-arg NODE_DIGEST=sha256:… .
ARG NODE_VERSION=24.21.0
ARG NODE_DIGEST

FROM node:${NODE_VERSION}-bookworm-slim${NODE_DIGEST:+@$NODE_DIGEST} AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json ./client/
COPY console/package.json ./console/
RUN npm ci
COPY tsconfig.json nest-cli.json ormconfig.ts ./
COPY src ./src
COPY scripts ./scripts
COPY client ./client
COPY console ./console
# Without what production never loads: packages of other platforms, the compiler, the embedded database, and the
# workspaces, of which the service needs what the console is built to.
RUN npm run build \
  && npm prune --omit=dev --omit=optional \
  && rm -rf node_modules/@electric-sql node_modules/@flashback

FROM node:${NODE_VERSION}-bookworm-slim${NODE_DIGEST:+@$NODE_DIGEST}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/console/dist ./console/dist
# For the commands: npm run admin, npm run migration:run, npm run migration:grant.
COPY scripts/build-if-stale.js scripts/grant.js ./scripts/
COPY docs/grants.sql ./docs/
USER node
EXPOSE 3000
# Whether the process lives. /health also asks the database, and no restart brings that back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/service/main.js"]
