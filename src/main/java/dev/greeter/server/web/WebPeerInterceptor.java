package dev.greeter.server.web;

import dev.greeter.service.WebPeer;
import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Sets the address and the certificate of the caller of a call from the web, in the attributes of gRPC calls. */
final class WebPeerInterceptor implements ServerInterceptor {

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        WebPeer peer = WebPeer.of(headers);
        return peer == null ? next.startCall(call, headers) : next.startCall(new PeersCall<>(call, peer), headers);
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
