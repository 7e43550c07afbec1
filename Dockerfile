# mailsetup in an image with the program, CA certificates and nothing else.
#
#   docker build -t mailsetup .
#   docker run -p 8080:8080 mailsetup serve --domain example.com=icloud
#
# The build needs only Go, so GO_IMAGE can be any image that has it.
ARG GO_IMAGE=golang:1.26

# On the machine's own platform: Go compiles for the others faster than they are emulated.
FROM --platform=${BUILDPLATFORM} ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
# .git, which is no larger than the sources, tells the program its version.
COPY . .
ARG TARGETOS TARGETARCH
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags='-s -w' -o /mailsetup . && \
    mkdir -p /state/mailsetup

FROM scratch
LABEL org.opencontainers.image.title="mailsetup" \
      org.opencontainers.image.description="Email client autoconfig server" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /mailsetup /mailsetup
# The server stores its own certificates here. The folder belongs to the user below, and
# so will a new volume.
COPY --from=build --chown=65532:65532 /state/mailsetup /var/lib/mailsetup
ENV XDG_STATE_HOME=/var/lib
VOLUME /var/lib/mailsetup
USER 65532:65532
# 8080 is plain HTTP. With TLS: 443 and 80, or 8443 and 8080 if the flags say so.
EXPOSE 8080 8443
# The admin listener is on the container's loopback, where the program asks it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/mailsetup", "healthcheck"]
ENTRYPOINT ["/mailsetup"]
CMD ["serve"]
