# Build from the repository's top: docker build -f deploy/batch.Dockerfile -t smart-portfolio-rebalancer-batch .

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/apps/batch/target \
    cargo build --locked --profile dist --manifest-path apps/batch/Cargo.toml \
    && install -D -m 0755 apps/batch/target/dist/rebalancer-batch /out/rebalancer-batch

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Smart Portfolio Rebalancer, batch" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
RUN groupadd --system --gid 10001 rebalancer \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin rebalancer
COPY --from=build /out/rebalancer-batch /usr/local/bin/rebalancer-batch
USER 10001:10001
ENTRYPOINT ["rebalancer-batch"]
