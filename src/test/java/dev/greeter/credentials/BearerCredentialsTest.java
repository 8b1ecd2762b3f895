package dev.greeter.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.credentials.BearerCredentials.Reach;
import dev.greeter.proto.helloworld.GreeterGrpc;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where a token is sent. */
class BearerCredentialsTest {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Outcome outcome = new Outcome();

    @Test
    void aTokenIsSentOverTls() {
        send(Reach.PRIVATE, "192.0.2.1", SecurityLevel.PRIVACY_AND_INTEGRITY);
        assertThat(outcome.sent()).isEqualTo("Bearer secret");
    }

    @Test
    void aTokenIsSentInPlaintextToThisHost() {
        send(Reach.PRIVATE, "127.0.0.1", SecurityLevel.NONE);
        assertThat(outcome.sent()).isEqualTo("Bearer secret");
    }

    @Test
    void aCallInPlaintextToAnotherHostFailsInsteadOfSendingTheToken() {
        send(Reach.PRIVATE, "192.0.2.1", SecurityLevel.NONE);
        assertThat(outcome.sent()).isNull();
        assertThat(outcome.failure).isNotNull().satisfies(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(status.getDescription()).contains("plaintext");
        });
    }

    @Test
    void theDevelopmentTokenIsNotSentToAnotherHostAtAll() {
        send(Reach.LOOPBACK, "192.0.2.1", SecurityLevel.PRIVACY_AND_INTEGRITY);
        assertThat(outcome.failure).isNull();
        assertThat(outcome.sent()).isNull();
    }

    @Test
    void aTokenThatCannotBeReadFailsTheCall() {
        new BearerCredentials(
                        () -> {
                            throw new IOException("gone");
                        },
                        Reach.PRIVATE)
                .applyRequestMetadata(call("127.0.0.1", SecurityLevel.NONE), Runnable::run, outcome);
        assertThat(outcome.failure).isNotNull();
    }

    private void send(Reach reach, String host, SecurityLevel level) {
        new BearerCredentials(() -> "secret", reach).applyRequestMetadata(call(host, level), Runnable::run, outcome);
    }

    private static CallCredentials.RequestInfo call(String host, SecurityLevel level) {
        Attributes connection = Attributes.newBuilder()
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress(host, 1))
                .build();
        return new CallCredentials.RequestInfo() {
            @Override
            public MethodDescriptor<?, ?> getMethodDescriptor() {
                return GreeterGrpc.getSayHelloMethod();
            }

            @Override
            public SecurityLevel getSecurityLevel() {
                return level;
            }

            @Override
            public String getAuthority() {
                return host;
            }

            @Override
            public Attributes getTransportAttrs() {
                return connection;
            }
        };
    }

    private static final class Outcome extends CallCredentials.MetadataApplier {

        private @Nullable Metadata headers;
        private @Nullable Status failure;

        @Override
        public void apply(Metadata headers) {
            this.headers = headers;
        }

        @Override
        public void fail(Status status) {
            failure = status;
        }

        private @Nullable String sent() {
            return headers == null ? null : headers.get(AUTHORIZATION);
        }
    }
}
