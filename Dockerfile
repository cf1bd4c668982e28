# Build: docker build --build-arg CGOPHER_REVISION="$(git rev-parse --short=12 HEAD)" -t cgopher:0.1.0 .
# For several machines at once: docker buildx build --platform linux/amd64,linux/arm64 (docs/deployment.md).
# Tags move. To pin a base image for good, write its digest behind the tag, as in
#   FROM gcr.io/distroless/nodejs24-debian13:nonroot@sha256:...
# and get the digest with `docker buildx imagetools inspect IMAGE:TAG`.

# The bundles are the same for every machine, so they are made on the builder's own: no emulation. Needs BuildKit, the default since Docker 23.
FROM --platform=$BUILDPLATFORM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc tsconfig.json ./
RUN npm ci
COPY .config/build.mjs .config/
COPY src/ src/
COPY LICENSE ./
# There is no git in here: the revision comes from outside.
ARG CGOPHER_REVISION=unknown
RUN CGOPHER_REVISION="$CGOPHER_REVISION" npm run build

# Node and nothing else: no shell, no package manager. Two bundles without native code, so any architecture will do.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
ARG CGOPHER_REVISION=unknown
LABEL org.opencontainers.image.title="cgopher" \
      org.opencontainers.image.description="Node agent that correlates cgroup v2 limits with the Go runtime and says what to change" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$CGOPHER_REVISION"
COPY --from=build /src/dist/cgopher.mjs /src/dist/cgopher-resolver.mjs /src/dist/THIRD_PARTY_NOTICES.txt /src/LICENSE /app/
# Enough for tier 0. Kubernetes gives added capabilities to user 0 only, so tiers 1 and 2 set runAsUser: 0 together with
# capabilities.drop: [ALL] (docs/running.md).
USER 65532:65532
EXPOSE 10119
# A small young generation takes over a third off the peak memory, for about 2 % more CPU.
# With a heap of some 30 MB, helper threads of the collector cost more than they save: a sixth of the CPU time less without them,
# and shorter pauses (measured: 67 and 55 ms a cycle).
# Not a cap that matters but a hint: with a heap limit this small V8 grows the heap in steps of a third instead of fourfold,
# which halves resident memory (measured: 134 MB without, 90 MB with, 300 containers).
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--max-old-space-size=256", "--single-threaded-gc", "--v8-pool-size=1", "/app/cgopher.mjs"]
CMD ["agent"]
