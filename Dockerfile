# One static binary and nothing else: about 12 MB to pull. `make image` builds it, where
# there is no Docker too.

# What is built is for the platform asked for, by the machine's own.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /rollcall ./cmd/rollcall \
	&& cp /etc/ssl/certs/ca-certificates.crt /

FROM scratch
# Whom to trust where NATS has a certificate of a public authority.
COPY --from=build /ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /rollcall /rollcall
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/rollcall"]
CMD ["--help"]
