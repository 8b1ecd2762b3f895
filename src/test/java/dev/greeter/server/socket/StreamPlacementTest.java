package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.ErrorInfo;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.Certificates;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;

/** The guard of streams sees what callers send, also behind TLS. */
class StreamPlacementTest {

    @Test
    void largeMetadataIsRefusedOverPlaintext() throws Exception {
        try (LimitedServer server = LimitedServer.start()) {
            assertRefused(NettyChannelBuilder.forAddress("localhost", server.port())
                    .usePlaintext()
                    .build());
        }
    }

    @Test
    void largeMetadataIsRefusedOverTls() throws Exception {
        HeldCertificate authority = Certificates.authority("test");
        HeldCertificate certificate = Certificates.server(authority);
        try (LimitedServer server = LimitedServer.start(
                LimitedServer.properties(),
                builder -> builder.useTransportSecurity(
                        stream(certificate.certificatePem()), stream(certificate.privateKeyPkcs8Pem())))) {
            assertRefused(NettyChannelBuilder.forAddress("localhost", server.port())
                    .sslContext(GrpcSslContexts.forClient()
                            .trustManager(authority.certificate())
                            .build())
                    .build());
        }
    }

    private static void assertRefused(ManagedChannel channel) throws IOException {
        try {
            Metadata large = new Metadata();
            large.put(Metadata.Key.of("x", Metadata.ASCII_STRING_MARSHALLER), "y".repeat(30_000));
            Channel caller = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(large));

            StatusRuntimeException refused = catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> GreeterGrpc.newBlockingStub(caller).sayHello(HelloRequest.getDefaultInstance()));

            assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            com.google.rpc.Status details = Objects.requireNonNull(StatusProto.fromThrowable(refused));
            assertThat(details.getDetails(0).unpack(ErrorInfo.class).getReason())
                    .isEqualTo("METADATA_TOO_LARGE");
        } finally {
            channel.shutdownNow();
        }
    }

    private static ByteArrayInputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
