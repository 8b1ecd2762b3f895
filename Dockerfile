# The same JVM for the training and the image, because an AOT cache requires the same build.
ARG BASE=docker.io/library/eclipse-temurin:25

FROM ${BASE}-jdk-noble AS build
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY deploy deploy
COPY src src
RUN ./mvnw -q -Dmaven.test.skip=true package

FROM ${BASE}-jre-noble AS train
COPY --from=build /build/target/greeter.jar /build/target/greeter.jar
COPY deploy/image /build/deploy/image
RUN /build/deploy/image/layout /greeter \
    && install -d -o 65532 -g 65532 /greeter/data

FROM ${BASE}-jre-noble
ARG VERSION=development
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Greeter" \
      org.opencontainers.image.description="helloworld.Greeter as a Spring Boot gRPC service for production" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# The layers that change least come first. The application may write only to the volumes.
WORKDIR /greeter
COPY --from=train /greeter/native native
COPY --from=train /greeter/lib lib
COPY --from=train /greeter/alerts.yml /greeter/SETTINGS.md /greeter/jvm.args /greeter/greeter.jar /greeter/greeter.aot ./
COPY --from=train --chown=65532:65532 /greeter/data data
# /tmp: required by the web server of the management port
VOLUME /greeter/data /tmp

# A number, so that Kubernetes can check that it is not root
USER 65532:65532
EXPOSE 50051 8080 9464
# The greeting at the start is only for trying out the jar. In production nothing may be missing or misspelt.
ENV GREETER_CLIENT_ENABLED=false SERVICE_STRICT=true
# Whoever deploys the image decides whether its web port shows the console.
ENV SERVICE_WEB_CONSOLE=false
ENTRYPOINT ["java", "@/greeter/jvm.args", "-jar", "/greeter/greeter.jar"]
