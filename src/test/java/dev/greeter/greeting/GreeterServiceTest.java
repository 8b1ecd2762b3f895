package dev.greeter.greeting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.LocalizedMessage;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.ReplyRecorder;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The answers of the Greeter within and beyond its limits, through stubs. */
@GrpcTest(GreeterService.class)
class GreeterServiceTest {

    @Autowired
    private MeterRegistry meters;

    @GrpcClient("greeter")
    private GreeterBlockingStub blocking;

    @GrpcClient("greeter")
    private GreeterStub async;

    @Test
    void sayHelloGreetsByName() {
        assertThat(blocking.sayHello(named("you")).getMessage()).isEqualTo("Hello, you!");
    }

    @Test
    void sayHelloInGermanWhenTheCallerAsksForIt() {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        HelloReply reply = inLanguage("de-CH, en;q=0.5")
                .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
                .sayHello(named("Ada"));
        assertThat(reply.getMessage()).isEqualTo("Hallo, Ada!");
        assertThat(headers.get().get(LanguageInterceptor.CONTENT_LANGUAGE)).isEqualTo("de");
    }

    @Test
    void contentLanguageIsEnglishWhenTheCallerAsksForNothing() {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        blocking.withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()))
                .sayHello(named("Ada"));
        assertThat(headers.get().get(LanguageInterceptor.CONTENT_LANGUAGE)).isEqualTo("en");
    }

    @Test
    void severalAcceptLanguageEntriesCountAsOneList() {
        Metadata headers = new Metadata();
        headers.put(LanguageInterceptor.ACCEPT_LANGUAGE, "tlh");
        headers.put(LanguageInterceptor.ACCEPT_LANGUAGE, "fr");
        assertThat(blocking.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                        .sayHello(named("Ada"))
                        .getMessage())
                .isEqualTo("Bonjour, Ada !");
    }

    @Test
    void sayHelloStreamReplyGivesTheCallersLanguageFirstAndEveryOtherOnce() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        withLanguage("ja").sayHelloStreamReply(named("Ada"), replies);
        assertThat(replies.all())
                .extracting(HelloReply::getMessage)
                .startsWith("こんにちは、Adaさん!", "Hello, Ada!")
                .hasSize(20)
                .doesNotHaveDuplicates();
    }

    /** The reason why the service need not wait for {@link io.grpc.ServerCall#setOnReadyThreshold}. */
    @Test
    void theRepliesOfAServerStreamAreSmallerThanWhatGrpcKeepsForACall() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        withLanguage("en").sayHelloStreamReply(named("👋".repeat(256)), replies);
        assertThat(replies.all().stream()
                        .mapToInt(HelloReply::getSerializedSize)
                        .sum())
                .isLessThan(32 * 1024);
    }

    @Test
    void sayHelloStreamRequestGreetsAllNamesAtOnce() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        send(async.sayHelloStreamRequest(replies), List.of("Ada", "Zoë", "李"));
        assertThat(replies.all()).extracting(HelloReply::getMessage).containsExactly("Hello, Ada, Zoë, 李!");
    }

    @Test
    void sayHelloStreamRequestTakesAsManyNamesAsItPromises() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        send(async.sayHelloStreamRequest(replies), Collections.nCopies(NameCollector.MAX_NAMES, "Ada"));
        assertThat(replies.all()).hasSize(1);
    }

    @Test
    void sayHelloBidiStreamAnswersEachNameInOrder() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        StreamObserver<HelloRequest> requests = withLanguage("es").sayHelloBidiStream(replies);
        requests.onNext(named("Ada"));
        await().untilAsserted(() -> assertThat(replies.soFar()).hasSize(1));
        send(requests, List.of("Zoë", "李"));
        assertThat(replies.all())
                .extracting(HelloReply::getMessage)
                .containsExactly("¡Hola, Ada!", "¡Hola, Zoë!", "¡Hola, 李!");
    }

    @ParameterizedTest
    @CsvSource({
        "'', NAME_BLANK, Das Feld name darf nicht leer sein.",
        "'\u2003 ', NAME_BLANK, Das Feld name darf nicht leer sein.",
        "'Ada\nBob', NAME_CONTROL_CHARACTER, Das Feld name darf keine Steuerzeichen enthalten.",
        "'\u001b[31mAda', NAME_CONTROL_CHARACTER, Das Feld name darf keine Steuerzeichen enthalten.",
        "'Ada\u2028Bob', NAME_CONTROL_CHARACTER, Das Feld name darf keine Steuerzeichen enthalten."
    })
    void badNamesAreRefusedWithDetailsInTheCallersLanguage(String name, String reason, String localized)
            throws InvalidProtocolBufferException {
        StatusRuntimeException refusal = catchThrowableOfType(
                StatusRuntimeException.class, () -> inLanguage("de").sayHello(named(name)));
        assertRefused(refusal, reason);
        LocalizedMessage message = detail(refusal, LocalizedMessage.class);
        assertThat(message.getLocale()).isEqualTo("de");
        assertThat(message.getMessage()).isEqualTo(localized);
        BadRequest.FieldViolation violation = detail(refusal, BadRequest.class).getFieldViolations(0);
        assertThat(violation.getField()).isEqualTo("name");
        assertThat(violation.getReason()).isEqualTo(reason);
        assertThat(violation.getDescription()).isNotBlank().isNotEqualTo(localized);
    }

    @Test
    void namesOf256CodePointsAreGreetedAndLongerOnesRefused() {
        String longest = "😀".repeat(256);
        assertThat(blocking.sayHello(named(longest)).getMessage()).isEqualTo("Hello, " + longest + "!");
        assertRefused(
                catchThrowableOfType(StatusRuntimeException.class, () -> blocking.sayHello(named(longest + "!"))),
                "NAME_TOO_LONG");
    }

    @Test
    void aRefusalNamesTheLimitAsMetadata() {
        StatusRuntimeException refusal =
                catchThrowableOfType(StatusRuntimeException.class, () -> blocking.sayHello(named("x".repeat(257))));

        assertThat(detail(refusal, ErrorInfo.class).getMetadataMap()).isEqualTo(Map.of("limit", "256"));
    }

    @Test
    void aBadNameEndsAServerStreamBeforeItsFirstReply() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        async.sayHelloStreamReply(named(" "), replies);
        assertRefused(replies.failure(), "NAME_BLANK");
        assertThat(replies.soFar()).isEmpty();
    }

    @Test
    void aBadNameEndsAClientStream() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        send(async.sayHelloStreamRequest(replies), List.of("Ada", "", "Zoë"));
        assertRefused(replies.failure(), "NAME_BLANK");
    }

    @Test
    void aBadNameEndsABidiStreamAfterTheRepliesBeforeIt() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        send(async.sayHelloBidiStream(replies), List.of("Ada", "\t\u0007x", "Zoë"));
        assertRefused(replies.failure(), "NAME_CONTROL_CHARACTER");
        assertThat(replies.soFar()).extracting(HelloReply::getMessage).containsExactly("Hello, Ada!");
    }

    @Test
    void aClientStreamWithoutNamesIsRefused() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        send(async.sayHelloStreamRequest(replies), List.of());
        assertRefused(replies.failure(), "NAMES_NONE");
    }

    @Test
    void aClientStreamWithTooManyNamesIsRefused() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        send(async.sayHelloStreamRequest(replies), Collections.nCopies(NameCollector.MAX_NAMES + 1, "Ada"));
        assertRefused(replies.failure(), "NAMES_TOO_MANY");
    }

    @Test
    void aClientStreamWithTooLongNamesTogetherIsRefused() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        int names = NameCollector.MAX_CODE_POINTS / 256 + 1;
        send(async.sayHelloStreamRequest(replies), Collections.nCopies(names, "x".repeat(256)));
        assertRefused(replies.failure(), "NAMES_TOO_LONG");
    }

    @Test
    void aBidiStreamTakesNoMoreRequestsThanItsReaderLeavesRoomFor() {
        // A reader that requests nothing: replies pile up only until the transport says that it is full.
        Deliveries deliveries = new Deliveries();
        ClientCall<HelloRequest, HelloReply> call =
                async.getChannel().newCall(GreeterGrpc.getSayHelloBidiStreamMethod(), async.getCallOptions());
        call.start(deliveries, new Metadata());
        int sent = 0;
        while (call.isReady() && sent < 100_000) {
            call.sendMessage(named("x".repeat(256)));
            sent++;
        }
        assertThat(sent).as("requests taken from a caller who reads nothing").isLessThan(10_000);
        call.request(Integer.MAX_VALUE);
        call.halfClose();
        await().untilAsserted(() -> assertThat(deliveries.status).isEqualTo(Status.OK));
        assertThat(deliveries.messages).hasValue(sent);
    }

    /** Returns how many bidirectional streams the server has counted with the status. */
    private long ended(String status) {
        return meters
                .find("grpc.server.processing.duration")
                .tags("method", "SayHelloBidiStream", "statusCode", status)
                .timers()
                .stream()
                .mapToLong(Timer::count)
                .sum();
    }

    private double active() {
        return meters.get("grpc.server.processing.active")
                .tag("method", "SayHelloBidiStream")
                .gauge()
                .value();
    }

    @Test
    void aCallerWhoCancelsABidiStreamLeavesNothingBehind() {
        long before = ended("CANCELLED");
        Context.CancellableContext caller = Context.current().withCancellation();
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        caller.run(() -> async.sayHelloBidiStream(replies).onNext(named("Ada")));
        await().untilAsserted(() -> assertThat(replies.soFar()).hasSize(1));
        caller.cancel(null);
        assertThat(replies.failure().getStatus().getCode()).isEqualTo(Status.Code.CANCELLED);
        await().untilAsserted(() -> assertThat(ended("CANCELLED")).isEqualTo(before + 1));
        assertThat(active()).isZero();
        assertThat(blocking.sayHello(named("you")).getMessage()).isEqualTo("Hello, you!");
    }

    @Test
    void aDeadlineEndsAStreamThatItsCallerKeepsOpen() {
        long before = ended("DEADLINE_EXCEEDED");
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        async.withDeadlineAfter(50, TimeUnit.MILLISECONDS)
                .sayHelloBidiStream(replies)
                .onNext(named("Ada"));
        assertThat(replies.failure().getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        await().untilAsserted(() -> assertThat(ended("DEADLINE_EXCEEDED")).isEqualTo(before + 1));
        assertThat(active()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ar", "de", "el", "en", "es", "fr", "he", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr",
                "uk", "vi", "zh"
            })
    void everyLanguageGreetsByNameAndNamesItself(String tag) {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        HelloReply reply = inLanguage(tag)
                .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()))
                .sayHello(named("Ada"));
        assertThat(reply.getMessage()).contains("Ada").doesNotContain("{", "}");
        assertThat(headers.get().get(LanguageInterceptor.CONTENT_LANGUAGE)).isEqualTo(tag);
    }

    private static HelloRequest named(String name) {
        return HelloRequest.newBuilder().setName(name).build();
    }

    private GreeterBlockingStub inLanguage(String acceptLanguage) {
        return blocking.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(accept(acceptLanguage)));
    }

    private GreeterStub withLanguage(String acceptLanguage) {
        return async.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(accept(acceptLanguage)));
    }

    private static Metadata accept(String languages) {
        Metadata headers = new Metadata();
        headers.put(LanguageInterceptor.ACCEPT_LANGUAGE, languages);
        return headers;
    }

    private static void send(StreamObserver<HelloRequest> requests, List<String> names) {
        names.forEach(name -> requests.onNext(named(name)));
        requests.onCompleted();
    }

    private static void assertRefused(StatusRuntimeException refusal, String reason) {
        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        ErrorInfo info = detail(refusal, ErrorInfo.class);
        assertThat(info.getReason()).isEqualTo(reason);
        assertThat(info.getDomain()).isEqualTo("greeter.dev");
    }

    private static <T extends com.google.protobuf.Message> T detail(StatusRuntimeException failure, Class<T> type) {
        return Objects.requireNonNull(StatusProto.fromThrowable(failure)).getDetailsList().stream()
                .filter(any -> any.is(type))
                .findFirst()
                .map(any -> {
                    try {
                        return any.unpack(type);
                    } catch (InvalidProtocolBufferException e) {
                        throw new AssertionError(e);
                    }
                })
                .orElseThrow();
    }

    private static final class Deliveries extends ClientCall.Listener<HelloReply> {

        private final AtomicInteger messages = new AtomicInteger();
        private volatile @Nullable Status status;

        @Override
        public void onMessage(HelloReply reply) {
            messages.incrementAndGet();
        }

        @Override
        public void onClose(Status closed, Metadata trailers) {
            status = closed;
        }
    }
}
