package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.ReplyRecorder;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
import java.util.regex.Pattern;
import net.devh.boot.grpc.client.inject.GrpcClient;
import net.devh.boot.grpc.server.service.GrpcService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authorization.AuthorizationDeniedException;

/** The statuses and log entries for exceptions of a service. */
@GrpcTest({})
@ExtendWith(OutputCaptureExtension.class)
class ErrorMappingTest {

    private static final Metadata.Key<String> HINT = Metadata.Key.of("hint", Metadata.ASCII_STRING_MARSHALLER);

    @GrpcClient("greeter")
    private GreeterBlockingStub blocking;

    @GrpcClient("greeter")
    private GreeterStub async;

    @Test
    void aStatusPassesAsItIsWithItsTrailers() {
        StatusRuntimeException failure = fail("unchecked status");
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(failure.getStatus().getDescription()).isEqualTo("not yet");
        assertThat(failure.getTrailers())
                .isNotNull()
                .satisfies(trailers -> assertThat(trailers.get(HINT)).isEqualTo("later"));
    }

    @Test
    void aCheckedStatusGivenToTheObserverPassesToo() {
        assertThat(fail("checked status").getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
    }

    @Test
    void anUnmappedExceptionIsInternalWithoutItsTextAndLoggedOnceWithIt(CapturedOutput output) {
        StatusRuntimeException failure = fail("bug");
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(failure.getStatus().getDescription()).isNull();
        assertThat(Pattern.compile("secret of bug").matcher(output.getAll()).results())
                .hasSize(1);
    }

    @Test
    void aFailureThatTheServiceReportsItselfIsLoggedOnceToo(CapturedOutput output) {
        assertThat(fail("data loss").getStatus().getCode()).isEqualTo(Status.Code.DATA_LOSS);
        assertThat(Pattern.compile("SayHello failed with DATA_LOSS: torn\\\\u000apage")
                        .matcher(output.getAll())
                        .results())
                .hasSize(1);
    }

    @Test
    void whatAnExceptionQuotesForgesNoLineOfTheLog(CapturedOutput output) {
        fail("a\r\n2026-01-01 INFO forged \u001b[31m");
        assertThat(output.getAll().lines())
                .filteredOn(line -> line.contains("forged"))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("  "))
                .noneMatch(line -> line.contains("\u001b") || line.contains("\r"));
    }

    @Test
    void anUnmappedExceptionGivenToTheObserverIsInternalToo() {
        assertThat(fail("observed bug").getStatus()).satisfies(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
            assertThat(status.getDescription()).isNull();
        });
    }

    @Test
    void whatSpringSecurityRefusesInAServiceIsRefusedAsByTheServer(CapturedOutput output) throws Exception {
        assertThat(refusal("access denied"))
                .isEqualTo("PERMISSION_DENIED ACCESS_DENIED These credentials do not allow this call.");
        assertThat(refusal("not authenticated"))
                .isEqualTo("UNAUTHENTICATED AUTHENTICATION_FAILED This call needs valid credentials.");
        assertThat(output).doesNotContain("secret");
    }

    private String refusal(String how) throws InvalidProtocolBufferException {
        var status = Objects.requireNonNull(StatusProto.fromThrowable(fail(how)));
        return Code.forNumber(status.getCode()) + " "
                + status.getDetails(0).unpack(ErrorInfo.class).getReason() + " " + status.getMessage();
    }

    @Test
    void aHalfCloseBehindTheMessageThatFailedIsNotAnswered(CapturedOutput output) {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        StreamObserver<HelloRequest> requests = async.sayHelloStreamRequest(replies);
        requests.onNext(named("unchecked status"));
        requests.onCompleted();
        assertThat(replies.failure().getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(output).doesNotContain("Exception");
    }

    private StatusRuntimeException fail(String how) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> blocking.sayHello(named(how)));
    }

    private static HelloRequest named(String name) {
        return HelloRequest.newBuilder().setName(name).build();
    }

    @TestConfiguration
    static class Services {

        @Bean
        @GrpcService
        BindableService faulty() {
            return new FaultyGreeter();
        }
    }

    private static final class FaultyGreeter extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            switch (request.getName()) {
                case "unchecked status" -> throw notYet();
                case "checked status" -> replies.onError(Status.ABORTED.asException());
                case "data loss" ->
                    replies.onError(
                            Status.DATA_LOSS.withDescription("torn\npage").asException());
                case "access denied" -> throw new AuthorizationDeniedException("secret");
                case "not authenticated" -> throw new AuthenticationCredentialsNotFoundException("secret");
                case "observed bug" -> replies.onError(new IllegalStateException("secret"));
                default -> throw new IllegalStateException("secret of " + request.getName());
            }
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
            return new StreamObserver<>() {
                @Override
                public void onNext(HelloRequest request) {
                    throw notYet();
                }

                @Override
                public void onError(Throwable cancelled) {}

                @Override
                public void onCompleted() {
                    replies.onNext(HelloReply.getDefaultInstance());
                    replies.onCompleted();
                }
            };
        }

        private static StatusRuntimeException notYet() {
            Metadata trailers = new Metadata();
            trailers.put(HINT, "later");
            return Status.FAILED_PRECONDITION.withDescription("not yet").asRuntimeException(trailers);
        }
    }
}
