# One image for every actor: `silt` is the entrypoint, so `run writer` and the like are its arguments.
# `npm run image` builds it and prints its size.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG BASE_IMAGE=debian:bookworm-20260918-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /silt
COPY . .
# Optional packages are needed: native code of this platform comes as such. Install scripts are not.
# The secret is for registries that ask for a login or lie behind a proxy; without it npm's defaults hold.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc,required=false \
    npm ci --workspace @silt/cli --workspace @silt/dataplane --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier \
    && node shared/dataplane/build.js \
    && sh deploy/compose/prune-image.sh \
    && rm -rf deploy tests bench shared/dataplane/assembly package-lock.json /root/.npm

# Only Node itself is taken along: npm and its like stay behind.
FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="silt" \
      org.opencontainers.image.description="Event streams settle into Delta Lake tables, without Spark" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY --from=packages /silt /silt
# Run as its user, so that a package pruned too far fails the build and not the start, and each start finds compiled what it needs: half of its processor time.
RUN --mount=type=bind,source=deploy/compose/warm-image.sh,target=/warm-image.sh \
    ln -s /silt/cli/bin/silt.js /usr/local/bin/silt \
    && install -d -o 10001 -g 10001 /silt/node_modules/.cache/silt \
    && setpriv --reuid 10001 --regid 10001 --clear-groups env HOME=/tmp sh /warm-image.sh \
    && chown -R 0:0 /silt/node_modules/.cache && chmod -R u=rwX,go=rX /silt/node_modules/.cache
ENV NODE_ENV=production \
    OPS_HOST=0.0.0.0
WORKDIR /tmp
# A number, so that Kubernetes can see that it is not root; it owns nothing in the image.
USER 10001:10001
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPS_PORT||9464}/readyz`).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["silt"]
CMD ["--help"]
