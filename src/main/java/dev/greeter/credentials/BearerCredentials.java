package dev.greeter.credentials;

import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Executor;

/** Sends a token with each call, but never over plaintext to another host. */
public final class BearerCredentials extends CallCredentials {

    /** The source of the token, read for each call. */
    @FunctionalInterface
    public interface Token {
        String read() throws IOException;
    }

    /** Where a token may be sent. */
    public enum Reach {
        /** To this host only. */
        LOOPBACK,
        /** To this host, and over TLS to other hosts. */
        PRIVATE
    }

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Token token;
    private final Reach reach;

    public BearerCredentials(Token token, Reach reach) {
        this.token = token;
        this.reach = reach;
    }

    @Override
    public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
        if (!isLoopback(call.getTransportAttrs())) {
            if (reach == Reach.LOOPBACK) {
                applier.apply(new Metadata());
                return;
            }
            if (call.getSecurityLevel() != SecurityLevel.PRIVACY_AND_INTEGRITY) {
                applier.fail(Status.UNAUTHENTICATED.withDescription(
                        "The token is not sent over plaintext to another host; use TLS"));
                return;
            }
        }
        executor.execute(() -> {
            try {
                Metadata headers = new Metadata();
                headers.put(AUTHORIZATION, "Bearer " + token.read());
                applier.apply(headers);
            } catch (IOException | RuntimeException e) {
                applier.fail(Status.UNAUTHENTICATED
                        .withDescription("The token cannot be read")
                        .withCause(e));
            }
        });
    }

    private static boolean isLoopback(Attributes connection) {
        SocketAddress remote = connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        // In-process and Unix domain sockets stay on this host.
        return !(remote instanceof InetSocketAddress address)
                || (address.getAddress() != null && address.getAddress().isLoopbackAddress());
    }
}
