package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.Caller;
import dev.greeter.service.Refusal;
import dev.greeter.service.Refusals;
import dev.greeter.test.ReplyRecorder;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.security.authentication.TestingAuthenticationToken;

class AccessLogTest {

    private final Logger log = (Logger) LoggerFactory.getLogger("access");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Server server = InProcessServerBuilder.forName("access-log")
            .directExecutor()
            .addStreamTracerFactory(new AccessLog())
            .addService(ServerInterceptors.interceptForward(
                    new Greeter(),
                    new Trace(),
                    new AccessLogTraceInterceptor(),
                    new Caller(),
                    new AccessLogCallerInterceptor()))
            .intercept(new Refusing())
            .build();
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName("access-log").directExecutor().build();

    private boolean refuse;

    @BeforeEach
    void start() throws IOException {
        lines.start();
        log.addAppender(lines);
        server.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        log.detachAppender(lines);
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }

    @Test
    void aCallIsOneLineWithWhoMadeItAndHowItEnded() {
        GreeterGrpc.newBlockingStub(channel).sayHello(HelloRequest.getDefaultInstance());

        assertThat(line())
                .matches("helloworld\\.Greeter/SayHello OK \\d+\\.\\d{3}ms received=1 sent=1 peer=\\S+"
                        + " user=anna\\\\u000aroot trace=0af7651916cd43dd8448eb211c80319c");
    }

    @Test
    void aFailedCallHasTheStatusThatItsCallerSaw() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> GreeterGrpc.newBlockingStub(channel)
                        .sayHello(HelloRequest.newBuilder().setName("refused").build()));

        assertThat(line()).contains(" RESOURCE_EXHAUSTED ").contains(" received=1 sent=0 ");
    }

    @Test
    void aCallThatItsCallerGivesUpIsCancelled() {
        Context.CancellableContext caller = Context.current().withCancellation();
        caller.run(() -> GreeterGrpc.newStub(channel)
                .sayHello(HelloRequest.newBuilder().setName("unanswered").build(), new ReplyRecorder<>()));
        caller.cancel(null);

        assertThat(line()).contains(" CANCELLED ").contains(" received=1 sent=0 ");
    }

    @Test
    void aCallOfAnUnknownMethodIsALineToo() {
        MethodDescriptor<HelloRequest, HelloReply> unknown = GreeterGrpc.getSayHelloMethod().toBuilder()
                .setFullMethodName("helloworld.Greeter/Say\nHello")
                .build();
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> ClientCalls.blockingUnaryCall(
                        channel, unknown, CallOptions.DEFAULT, HelloRequest.getDefaultInstance()));

        assertThat(line())
                .matches(
                        "helloworld\\.Greeter/Say\\\\u000aHello UNIMPLEMENTED \\d+\\.\\d{3}ms received=0 sent=0 peer=- user=-"
                                + " trace=-");
    }

    @Test
    void aCallThatIsRefusedBeforeTheChainIsALineToo() {
        refuse = true;
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> GreeterGrpc.newBlockingStub(channel).sayHello(HelloRequest.getDefaultInstance()));

        assertThat(line()).startsWith("helloworld.Greeter/SayHello UNAVAILABLE ");
    }

    private String line() {
        await().until(() -> !lines.list.isEmpty());
        assertThat(lines.list).hasSize(1);
        return lines.list.get(0).getFormattedMessage();
    }

    private static final class Greeter extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            if (request.getName().equals("refused")) {
                replies.onError(Status.RESOURCE_EXHAUSTED.asException());
            } else if (!request.getName().equals("unanswered")) {
                replies.onNext(HelloReply.getDefaultInstance());
                replies.onCompleted();
            }
        }
    }

    /** Stands for a limit. */
    private final class Refusing implements ServerInterceptor {

        private final Refusals refusals = new Refusals(new SimpleMeterRegistry());

        @Override
        public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            return refuse ? refusals.close(call, Refusal.WORKERS_BUSY) : next.startCall(call, headers);
        }
    }

    /** Stands for tracing. */
    private static final class Trace implements ServerInterceptor {

        @Override
        public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            MDC.put("traceId", "0af7651916cd43dd8448eb211c80319c");
            try {
                return next.startCall(call, headers);
            } finally {
                MDC.remove("traceId");
            }
        }
    }

    /** Stands for authentication, of someone with a hostile name. */
    private static final class Caller implements ServerInterceptor {

        @Override
        public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            Context context = Context.current()
                    .withValue(dev.greeter.service.Caller.KEY, new TestingAuthenticationToken("anna\nroot", "none"));
            return Contexts.interceptCall(context, call, headers, next);
        }
    }
}
