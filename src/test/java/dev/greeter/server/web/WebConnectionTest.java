package dev.greeter.server.web;

import static dev.greeter.test.RawConnection.hello;
import static dev.greeter.test.RawConnection.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.server.socket.OtherPort;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.RawConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.test.context.TestPropertySource;

/** Connections live as long as those of the gRPC port. */
@GrpcTest({})
@Import({WebConnectionTest.Limits.class, WebServices.class})
@TestPropertySource(properties = {"service.web.port=0", "service.web.address=127.0.0.1"})
class WebConnectionTest {

    @Autowired
    private OtherPort web;

    @AfterEach
    void close() throws IOException {
        RawConnection.closeAll();
    }

    /** Sets what the starter refuses for its own server here, which has no sockets. */
    @TestConfiguration
    static class Limits {

        @Autowired
        private GrpcServerProperties server;

        @EventListener
        @Order(Ordered.HIGHEST_PRECEDENCE)
        void started(GrpcServerStartedEvent event) {
            server.setMaxConnectionIdle(Duration.ofSeconds(1));
            server.setMaxConnectionAge(Duration.ofSeconds(6));
            server.setMaxConnectionAgeGrace(Duration.ofSeconds(1));
            server.setEnableKeepAlive(true);
            server.setKeepAliveTime(Duration.ofSeconds(1));
            server.setKeepAliveTimeout(Duration.ofSeconds(2));
        }
    }

    @Test
    void aConnectionWithoutACallEnds() throws Exception {
        RawConnection connection = RawConnection.open(web.number());
        assertThat(connection.call(call(), message(hello("Ada")))).isEqualTo("HTTP 200");

        assertThat(connection.end(5_000)).isEqualTo("GOAWAY NO_ERROR");
        try (Socket http1 = new Socket(InetAddress.getLoopbackAddress(), web.number())) {
            http1.setSoTimeout(5_000);
            http1.getOutputStream().write("GET / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(http1.getInputStream().readAllBytes()).isNotEmpty();
        }
    }

    @Test
    void aConnectionThatAnswersPingsLivesToItsAge() throws Exception {
        long begin = System.nanoTime();
        RawConnection connection = RawConnection.open(web.number());
        connection.start(call());
        connection.flush();

        assertThat(connection.end(15_000)).isEqualTo("GOAWAY NO_ERROR");
        // Without an answer to a ping it would have ended after three.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(5));
    }

    @Test
    void aConnectionThatAnswersNoPingsEnds() throws Exception {
        RawConnection deaf = RawConnection.deaf(web.number(), 65_535);
        deaf.start(call());
        deaf.flush();

        Awaitility.await().atMost(Duration.ofSeconds(15)).until(deaf::abandoned);
    }

    private static byte[] call() {
        return WebFloodTest.call();
    }
}
