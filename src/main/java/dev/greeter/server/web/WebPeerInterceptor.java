package dev.greeter.server.web;

import dev.greeter.service.WebPeer;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Iterator;
import java.util.Objects;

/**
 * Sets the address and the certificate of the caller of a call from the web, in the attributes of gRPC calls. Its service
 * sees only the headers that the caller has sent.
 */
final class WebPeerInterceptor implements ServerInterceptor {

    private static final Metadata.Key<String> USER_AGENT =
            Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        WebPeer peer = Objects.requireNonNull(WebPeer.of(headers));
        WebPeer.removeFrom(headers);
        removeTransport(headers);
        return next.startCall(new PeersCall<>(call, peer), headers);
    }

    /** The transport inside the process adds itself behind the user agent of the caller. */
    private static void removeTransport(Metadata headers) {
        Iterator<String> agents =
                Objects.requireNonNull(headers.removeAll(USER_AGENT)).iterator();
        String agent = agents.next();
        while (agents.hasNext()) {
            headers.put(USER_AGENT, agent);
            agent = agents.next();
        }
    }

    private static final class PeersCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

        private final Attributes attributes;

        PeersCall(ServerCall<ReqT, RespT> call, WebPeer peer) {
            super(call);
            Attributes.Builder known =
                    call.getAttributes().toBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, peer.address());
            if (peer.session() != null) {
                known.set(Grpc.TRANSPORT_ATTR_SSL_SESSION, peer.session());
            }
            this.attributes = known.build();
        }

        @Override
        public Attributes getAttributes() {
            return attributes;
        }
    }
}
