package dev.greeter.conformance;

import com.google.common.util.concurrent.Uninterruptibles;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import connectrpc.conformance.v1.ConformanceServiceGrpc.ConformanceServiceImplBase;
import connectrpc.conformance.v1.Service.BidiStreamRequest;
import connectrpc.conformance.v1.Service.BidiStreamResponse;
import connectrpc.conformance.v1.Service.ClientStreamRequest;
import connectrpc.conformance.v1.Service.ClientStreamResponse;
import connectrpc.conformance.v1.Service.ConformancePayload;
import connectrpc.conformance.v1.Service.ConformancePayload.RequestInfo;
import connectrpc.conformance.v1.Service.Error;
import connectrpc.conformance.v1.Service.IdempotentUnaryRequest;
import connectrpc.conformance.v1.Service.IdempotentUnaryResponse;
import connectrpc.conformance.v1.Service.ServerStreamRequest;
import connectrpc.conformance.v1.Service.ServerStreamResponse;
import connectrpc.conformance.v1.Service.StreamResponseDefinition;
import connectrpc.conformance.v1.Service.UnaryRequest;
import connectrpc.conformance.v1.Service.UnaryResponse;
import connectrpc.conformance.v1.Service.UnaryResponseDefinition;
import dev.greeter.conformance.ConformanceCalls.Call;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Answers as the requests define, and shows what it has received. It waits, so its calls run on workers. */
final class ConformanceService extends ConformanceServiceImplBase {

    @Override
    public void unary(UnaryRequest request, StreamObserver<UnaryResponse> responses) {
        answer(
                request.getResponseDefinition(),
                Call.current().info(List.of(request)),
                payload -> UnaryResponse.newBuilder().setPayload(payload).build(),
                responses);
    }

    @Override
    public void idempotentUnary(IdempotentUnaryRequest request, StreamObserver<IdempotentUnaryResponse> responses) {
        answer(
                request.getResponseDefinition(),
                Call.current().info(List.of(request)),
                payload ->
                        IdempotentUnaryResponse.newBuilder().setPayload(payload).build(),
                responses);
    }

    @Override
    public StreamObserver<ClientStreamRequest> clientStream(StreamObserver<ClientStreamResponse> responses) {
        return new Requests<>(responses) {
            @Override
            public void onCompleted() {
                answer(
                        received().isEmpty()
                                ? UnaryResponseDefinition.getDefaultInstance()
                                : received().get(0).getResponseDefinition(),
                        Call.current().info(received()),
                        payload -> ClientStreamResponse.newBuilder()
                                .setPayload(payload)
                                .build(),
                        responses);
            }
        };
    }

    @Override
    public void serverStream(ServerStreamRequest request, StreamObserver<ServerStreamResponse> responses) {
        new Stream<>(
                        request.getResponseDefinition(),
                        payload -> ServerStreamResponse.newBuilder()
                                .setPayload(payload)
                                .build(),
                        responses)
                .end(List.of(request));
    }

    @Override
    public StreamObserver<BidiStreamRequest> bidiStream(StreamObserver<BidiStreamResponse> responses) {
        return new Requests<>(responses) {

            private Stream<BidiStreamResponse> stream = stream(BidiStreamRequest.getDefaultInstance());
            private boolean fullDuplex;
            private boolean begun;

            private Stream<BidiStreamResponse> stream(BidiStreamRequest first) {
                return new Stream<>(
                        first.getResponseDefinition(),
                        payload -> BidiStreamResponse.newBuilder()
                                .setPayload(payload)
                                .build(),
                        responses);
            }

            @Override
            public void onNext(BidiStreamRequest request) {
                super.onNext(request);
                if (!begun) {
                    begun = true;
                    fullDuplex = request.getFullDuplex();
                    stream = stream(request);
                }
                if (fullDuplex) {
                    if (stream.hasNext()) {
                        stream.next(received());
                    } else {
                        stream.end(received());
                    }
                    received().clear();
                }
            }

            @Override
            public void onCompleted() {
                stream.end(received());
            }
        };
    }

    private static <RespT> void answer(
            UnaryResponseDefinition definition,
            RequestInfo info,
            Function<ConformancePayload, RespT> response,
            StreamObserver<RespT> responses) {
        Call.current().define(definition.getResponseHeadersList(), definition.getResponseTrailersList());
        delay(definition.getResponseDelayMs());
        if (definition.hasError()) {
            responses.onError(failure(definition.getError(), info));
            return;
        }
        responses.onNext(response.apply(ConformancePayload.newBuilder()
                .setData(definition.getResponseData())
                .setRequestInfo(info)
                .build()));
        responses.onCompleted();
    }

    private static StatusRuntimeException failure(Error error, Message... more) {
        Status.Builder status = Status.newBuilder()
                .setCode(error.getCodeValue())
                .setMessage(error.getMessage())
                .addAllDetails(error.getDetailsList());
        for (Message detail : more) {
            status.addDetails(Any.pack(detail));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    private static void delay(int milliseconds) {
        Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(milliseconds));
    }

    /** The responses of a stream: the first shows the whole request, the others what has come since the one before. */
    private static final class Stream<RespT> {

        private final Call<?, ?> call = Call.current();
        private final StreamResponseDefinition definition;
        private final Function<ConformancePayload, RespT> response;
        private final StreamObserver<RespT> responses;
        private int sent;
        private boolean over;

        Stream(
                StreamResponseDefinition definition,
                Function<ConformancePayload, RespT> response,
                StreamObserver<RespT> responses) {
            this.definition = definition;
            this.response = response;
            this.responses = responses;
            call.define(definition.getResponseHeadersList(), definition.getResponseTrailersList());
        }

        boolean hasNext() {
            return sent < definition.getResponseDataCount();
        }

        void next(List<? extends Message> requests) {
            call.begin();
            delay(definition.getResponseDelayMs());
            ConformancePayload.Builder payload =
                    ConformancePayload.newBuilder().setData(definition.getResponseData(sent));
            if (sent == 0) {
                payload.setRequestInfo(call.info(requests));
            } else if (!requests.isEmpty()) {
                payload.setRequestInfo(Call.requests(requests));
            }
            sent++;
            responses.onNext(response.apply(payload.build()));
        }

        /** Sends the responses that are left, and the end. */
        void end(List<? extends Message> requests) {
            if (over) {
                return;
            }
            over = true;
            for (List<? extends Message> rest = requests; hasNext(); rest = List.of()) {
                next(rest);
            }
            if (!definition.hasError()) {
                responses.onCompleted();
            } else if (sent == 0) {
                responses.onError(failure(definition.getError(), call.info(requests)));
            } else {
                responses.onError(failure(definition.getError()));
            }
        }
    }

    private abstract static class Requests<ReqT> implements StreamObserver<ReqT> {

        private final List<ReqT> received = new ArrayList<>();
        private final StreamObserver<?> responses;

        Requests(StreamObserver<?> responses) {
            this.responses = responses;
        }

        List<ReqT> received() {
            return received;
        }

        @Override
        public void onNext(ReqT request) {
            received.add(request);
        }

        @Override
        public void onError(Throwable failure) {
            responses.onError(failure);
        }
    }
}
