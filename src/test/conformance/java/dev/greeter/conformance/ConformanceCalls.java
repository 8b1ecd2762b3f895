package dev.greeter.conformance;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import connectrpc.conformance.v1.Service.ConformancePayload.RequestInfo;
import connectrpc.conformance.v1.Service.Header;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Gives the suite's service what stubs do not: the metadata of its call, and headers before the first message. */
final class ConformanceCalls implements ServerInterceptor {

    /** What the server allows, and more than any caller asks for. */
    static final Duration NO_TIMEOUT = Duration.ofDays(2);

    /** Later is only the deadline of a call whose caller has set none. */
    private static final Deadline UNASKED = Deadline.after(NO_TIMEOUT.toDays() - 1, TimeUnit.DAYS);

    private static final Context.Key<Call<?, ?>> CURRENT = Context.key("call");

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        Call<ReqT, RespT> current = new Call<>(call, headers);
        return Contexts.interceptCall(Context.current().withValue(CURRENT, current), current, headers, next);
    }

    static final class Call<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

        private final Metadata received;
        private final Metadata headers = new Metadata();
        private final Metadata trailers = new Metadata();
        private boolean begun;

        Call(ServerCall<ReqT, RespT> call, Metadata received) {
            super(call);
            this.received = received;
        }

        static Call<?, ?> current() {
            return CURRENT.get();
        }

        void define(List<Header> headers, List<Header> trailers) {
            put(headers, this.headers);
            put(trailers, this.trailers);
        }

        void begin() {
            if (!begun) {
                begun = true;
                super.sendHeaders(headers);
            }
        }

        @Override
        public void sendHeaders(Metadata none) {
            begin();
        }

        @Override
        public void close(Status status, Metadata more) {
            begin();
            more.merge(trailers);
            super.close(status, more);
        }

        RequestInfo info(List<? extends Message> requests) {
            RequestInfo.Builder info = requests(requests).toBuilder();
            received.keys().forEach(name -> info.addRequestHeaders(header(name)));
            Deadline deadline = Context.current().getDeadline();
            if (deadline != null && deadline.isBefore(UNASKED)) {
                info.setTimeoutMs(deadline.timeRemaining(TimeUnit.MILLISECONDS));
            }
            return info.build();
        }

        static RequestInfo requests(List<? extends Message> requests) {
            RequestInfo.Builder info = RequestInfo.newBuilder();
            requests.forEach(request -> info.addRequests(Any.pack(request)));
            return info.build();
        }

        private Header header(String name) {
            Header.Builder header = Header.newBuilder().setName(name);
            if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                for (byte[] value : Objects.requireNonNull(received.getAll(binary(name)))) {
                    header.addValue(Base64.getEncoder().withoutPadding().encodeToString(value));
                }
            } else {
                header.addAllValue(Objects.requireNonNull(received.getAll(text(name))));
            }
            return header.build();
        }

        private static void put(List<Header> headers, Metadata metadata) {
            for (Header header : headers) {
                for (String value : header.getValueList()) {
                    if (header.getName().endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                        metadata.put(
                                binary(header.getName()), Base64.getDecoder().decode(value));
                    } else {
                        metadata.put(text(header.getName()), value);
                    }
                }
            }
        }

        private static Metadata.Key<byte[]> binary(String name) {
            return Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER);
        }

        private static Metadata.Key<String> text(String name) {
            return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        }
    }
}
