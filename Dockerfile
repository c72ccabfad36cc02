# syntax=docker/dockerfile:1
# The image: a static-runtime binary on Debian 12's own OpenSSL, libyaml and C library; no shell, no package manager.
# hack/image makes the same file system without a daemon, and proves that it runs.
#
# For builds that must come out the same twice, pin both bases by digest:
#   docker build --build-arg SWIFT_IMAGE=swift:6.3-bookworm@sha256:… --build-arg DEBIAN_IMAGE=debian:bookworm-slim@sha256:… \
#     --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) .
ARG SWIFT_IMAGE=swift:6.3-bookworm
ARG DEBIAN_IMAGE=debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
RUN apt-get update && apt-get install --yes --no-install-recommends libssl-dev libyaml-dev zlib1g-dev pkg-config
WORKDIR /source
# The dependencies by themselves, so that a change of a source file does not fetch them anew.
COPY Package.swift Package.resolve[d] ./
RUN mkdir -p Sources Tests && swift package resolve
COPY Sources Sources
COPY Tests Tests
COPY hack/lib/release hack/lib/release
COPY hack/lib/install.sh hack/lib/toolchain.sh hack/lib/
COPY hack/build-release hack/build-release
RUN hack/build-release /tallygate

FROM ${DEBIAN_IMAGE} AS root
ARG SOURCE_DATE_EPOCH=0
COPY hack/lib/image /image
COPY --from=build /tallygate /tallygate
RUN apt-get update && SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} /image/root.sh /tallygate /root-file-system

FROM scratch
LABEL org.opencontainers.image.title=tallygate org.opencontainers.image.licenses=Apache-2.0
COPY --from=root /root-file-system /
# By number, so that Kubernetes' runAsNonRoot can see it.
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/usr/bin/tallygate"]
