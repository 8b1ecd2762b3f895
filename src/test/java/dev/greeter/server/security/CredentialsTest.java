package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.Caller;
import dev.greeter.service.Refusals;
import dev.greeter.test.ReplyRecorder;
import dev.greeter.test.TestIssuer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;

/** The credentials that are accepted, with every kind of call, and the refusals of others. */
@ExtendWith(OutputCaptureExtension.class)
class CredentialsTest {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final int MAX_TOKEN_LENGTH = 2048;
    private static final String SERVER = UUID.randomUUID().toString();

    private static final TestIssuer issuer = new TestIssuer();
    private static final CountingGreeter service = new CountingGreeter();
    private static final ManagedChannel channel =
            InProcessChannelBuilder.forName(SERVER).directExecutor().build();

    private static Server server;

    /** The kinds of call, each with its own method. */
    enum Kind {
        UNARY("SayHello") {
            @Override
            void call(GreeterStub stub, ReplyRecorder<HelloReply> replies) {
                stub.sayHello(HelloRequest.getDefaultInstance(), replies);
            }
        },
        SERVER_STREAMING("SayHelloStreamReply") {
            @Override
            void call(GreeterStub stub, ReplyRecorder<HelloReply> replies) {
                stub.sayHelloStreamReply(HelloRequest.getDefaultInstance(), replies);
            }
        },
        CLIENT_STREAMING("SayHelloStreamRequest") {
            @Override
            void call(GreeterStub stub, ReplyRecorder<HelloReply> replies) {
                send(stub.sayHelloStreamRequest(replies));
            }
        },
        BIDIRECTIONAL("SayHelloBidiStream") {
            @Override
            void call(GreeterStub stub, ReplyRecorder<HelloReply> replies) {
                send(stub.sayHelloBidiStream(replies));
            }
        };

        private final String method;

        Kind(String method) {
            this.method = "helloworld.Greeter/" + method;
        }

        abstract void call(GreeterStub stub, ReplyRecorder<HelloReply> replies);

        private static void send(StreamObserver<HelloRequest> requests) {
            requests.onNext(HelloRequest.getDefaultInstance());
            requests.onCompleted();
        }
    }

    @Test
    void aTokenWithAnAlgorithmThatIsNotChosenIsRefused() {
        OAuth2ResourceServerProperties.Jwt settings = new OAuth2ResourceServerProperties().getJwt();
        settings.setIssuerUri(issuer.uri());
        settings.setJwsAlgorithms(List.of("ES256"));
        String token = issuer.token("greet");

        assertThatThrownBy(() -> TokenDecoders.of(settings, true).decode(token)).isInstanceOf(BadJwtException.class);
    }

    @BeforeAll
    static void start() throws IOException {
        OAuth2ResourceServerProperties.Jwt settings = new OAuth2ResourceServerProperties().getJwt();
        settings.setIssuerUri(issuer.uri());
        settings.setAudiences(List.of(TestIssuer.AUDIENCE));
        JwtDecoder decoder = TokenDecoders.of(settings, false);
        Refusals refusals = new Refusals(new SimpleMeterRegistry());
        AuthorizationRules access = new AuthorizationRules(Stream.of(Kind.values())
                .collect(Collectors.toMap(kind -> kind.method, kind -> AuthorizationRule.of("scope:greet"))));
        CallerCredentials credentials = new CallerCredentials(
                decoder,
                new VerifiedCallers(Duration.ofMinutes(1)),
                new JwtAuthenticationConverter(),
                new CertificateCallers(Map.of()),
                MAX_TOKEN_LENGTH);
        server = InProcessServerBuilder.forName(SERVER)
                .directExecutor()
                .addService(ServerInterceptors.interceptForward(
                        service,
                        new KnownCallerInterceptor(access, credentials),
                        new AuthenticationInterceptor(access, credentials, refusals),
                        new AuthorizationInterceptor(access, refusals)))
                .build()
                .start();
        LoggingSystem.get(CredentialsTest.class.getClassLoader()).setLogLevel("dev.greeter", LogLevel.DEBUG);
    }

    @AfterAll
    static void stop() {
        LoggingSystem.get(CredentialsTest.class.getClassLoader()).setLogLevel("dev.greeter", null);
        channel.shutdownNow();
        server.shutdownNow();
        issuer.close();
    }

    @ParameterizedTest
    @EnumSource
    void aValidTokenWithTheScopeIsLetThrough(Kind kind) {
        assertThat(call(kind, "Bearer " + issuer.token("other greet")).all()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void aServiceFindsWhoCallsIt(Kind kind) {
        assertThat(call(kind, "Bearer " + issuer.token("greet")).all())
                .extracting(HelloReply::getMessage)
                .containsExactly("caller");
    }

    @ParameterizedTest
    @EnumSource
    void theSchemeIsWrittenInAnyCase(Kind kind) {
        assertThat(call(kind, "bEARER " + issuer.token("greet")).all()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void aTokenThatExpiredWithinTheSkewOfClocksIsLetThrough(Kind kind) {
        String token = TestIssuer.sign(
                issuer.claims("greet")
                        .expirationTime(inSeconds(-20))
                        .issueTime(inSeconds(-60))
                        .build(),
                issuer.key());
        assertThat(call(kind, "Bearer " + token).all()).hasSize(1);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("refused")
    void isRefusedBeforeTheServiceIsTouched(
            String credentials, Kind kind, String[] headers, Code code, String reason, CapturedOutput output)
            throws InvalidProtocolBufferException {
        int before = service.calls.get();

        StatusRuntimeException failure = call(kind, headers).failure();

        assertThat(failure.getStatus().getCode()).isEqualTo(code);
        ErrorInfo info = Objects.requireNonNull(StatusProto.fromThrowable(failure))
                .getDetails(0)
                .unpack(ErrorInfo.class);
        assertThat(info.getReason()).isEqualTo(reason);
        assertThat(service.calls).hasValue(before);
        for (String header : headers) {
            String token = header.substring(header.indexOf(' ') + 1);
            if (token.length() > 10) {
                assertThat(String.valueOf(failure.getStatus())).doesNotContain(token);
                assertThat(output.getAll()).doesNotContain(token);
            }
        }
        assertThat(output.getAll()).doesNotContain("\u001b");
    }

    static Stream<Arguments> refused() throws JOSEException {
        Map<String, String[]> unauthenticated = new LinkedHashMap<>();
        String valid = issuer.token("greet");
        unauthenticated.put("garbage", bearer("garbage"));
        unauthenticated.put("garbage of three parts", bearer("a.b.c"));
        unauthenticated.put("a forged log line", bearer(forgedHeader()));
        unauthenticated.put(
                "alg none", bearer(new PlainJWT(issuer.claims("greet").build()).serialize()));
        unauthenticated.put("without its signature", bearer(valid.substring(0, valid.lastIndexOf('.') + 1)));
        unauthenticated.put("HS256 with the public key", bearer(hs256()));
        unauthenticated.put("a key of the same name", bearer(sign(issuer.claims("greet"), TestIssuer.newKey("first"))));
        unauthenticated.put("an unknown key", bearer(sign(issuer.claims("greet"), TestIssuer.newKey("unknown"))));
        unauthenticated.put(
                "expired",
                bearer(sign(issuer.claims("greet").issueTime(inSeconds(-700)).expirationTime(inSeconds(-100)))));
        unauthenticated.put("never expiring", bearer(sign(issuer.claims("greet").expirationTime(null))));
        unauthenticated.put("not yet valid", bearer(sign(issuer.claims("greet").notBeforeTime(inSeconds(100)))));
        unauthenticated.put("wrong issuer", bearer(sign(issuer.claims("greet").issuer("https://example.org"))));
        unauthenticated.put("without issuer", bearer(sign(issuer.claims("greet").issuer(null))));
        unauthenticated.put("wrong audience", bearer(sign(issuer.claims("greet").audience("other"))));
        unauthenticated.put(
                "without audience", bearer(sign(issuer.claims("greet").audience((String) null))));

        unauthenticated.put(
                "scopes that are numbers", bearer(sign(issuer.claims("").claim("scope", List.of(1, 2)))));

        Map<String, String[]> malformed = new LinkedHashMap<>();
        malformed.put("empty", new String[] {""});
        malformed.put("no token", new String[] {"Bearer "});
        malformed.put("no scheme", new String[] {valid});
        malformed.put("wrong scheme", new String[] {"Basic " + valid});
        malformed.put("oversized", bearer(valid + "a".repeat(MAX_TOKEN_LENGTH)));
        malformed.put("twice", new String[] {"Bearer " + valid, "Bearer " + valid});
        malformed.put("with garbage", new String[] {"Bearer " + valid, "garbage"});
        malformed.put("joined", new String[] {"Bearer " + valid + ", Bearer " + valid});
        malformed.put("with a line break", new String[] {"Bearer " + valid + "\r\nforged: line\u001b[31m"});

        List<Arguments> arguments = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            arguments.add(Arguments.of("absent", kind, new String[0], Code.UNAUTHENTICATED, "CREDENTIALS_MISSING"));
            malformed.forEach((name, headers) ->
                    arguments.add(Arguments.of(name, kind, headers, Code.UNAUTHENTICATED, "CREDENTIALS_MALFORMED")));
            unauthenticated.forEach((name, headers) ->
                    arguments.add(Arguments.of(name, kind, headers, Code.UNAUTHENTICATED, "TOKEN_INVALID")));
            arguments.add(Arguments.of(
                    "another scope", kind, bearer(issuer.token("greeting")), Code.PERMISSION_DENIED, "SCOPE_MISSING"));
            arguments.add(Arguments.of(
                    "without scope",
                    kind,
                    bearer(sign(issuer.claims("").claim("scope", null))),
                    Code.PERMISSION_DENIED,
                    "SCOPE_MISSING"));
        }
        return arguments.stream();
    }

    private static ReplyRecorder<HelloReply> call(Kind kind, String... credentials) {
        Metadata headers = new Metadata();
        for (String value : credentials) {
            headers.put(AUTHORIZATION, value);
        }
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        kind.call(
                GreeterGrpc.newStub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers)),
                replies);
        return replies;
    }

    private static String[] bearer(String token) {
        return new String[] {"Bearer " + token};
    }

    private static String sign(JWTClaimsSet.Builder claims) {
        return sign(claims, issuer.key());
    }

    private static String sign(JWTClaimsSet.Builder claims, com.nimbusds.jose.jwk.RSAKey key) {
        return TestIssuer.sign(claims.build(), key);
    }

    private static String hs256() throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("first").build(),
                issuer.claims("greet").build());
        token.sign(new MACSigner(issuer.key().toRSAPublicKey().getEncoded()));
        return token.serialize();
    }

    /** A token whose header, once decoded, would end a line of the log and colour the next. */
    private static String forgedHeader() {
        String header = "{\"alg\":\"RS256\"}\r\n2026-01-01 ERROR forged \u001b[31m";
        return Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8))
                + ".e30.x";
    }

    private static Date inSeconds(int seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    /** Counts the calls that reach it. */
    private static final class CountingGreeter extends GreeterGrpc.GreeterImplBase {

        private final AtomicInteger calls = new AtomicInteger();

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            calls.incrementAndGet();
            reply(replies);
        }

        @Override
        public void sayHelloStreamReply(HelloRequest request, StreamObserver<HelloReply> replies) {
            sayHello(request, replies);
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
            calls.incrementAndGet();
            return new StreamObserver<>() {
                @Override
                public void onNext(HelloRequest request) {}

                @Override
                public void onError(Throwable cancelled) {}

                @Override
                public void onCompleted() {
                    reply(replies);
                }
            };
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            return sayHelloStreamRequest(replies);
        }

        private static void reply(StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.newBuilder()
                    .setMessage(Caller.KEY.get().getName())
                    .build());
            replies.onCompleted();
        }
    }
}
