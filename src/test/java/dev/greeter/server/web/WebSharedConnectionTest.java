package dev.greeter.server.web;

import static dev.greeter.test.RawConnection.BIDI;
import static dev.greeter.test.RawConnection.DATA;
import static dev.greeter.test.RawConnection.END_HEADERS;
import static dev.greeter.test.RawConnection.END_STREAM;
import static dev.greeter.test.RawConnection.HEADERS;
import static dev.greeter.test.RawConnection.PRIORITY;
import static dev.greeter.test.RawConnection.RST_STREAM;
import static dev.greeter.test.RawConnection.SETTINGS;
import static dev.greeter.test.RawConnection.WINDOW_UPDATE;
import static dev.greeter.test.RawConnection.hello;
import static dev.greeter.test.RawConnection.message;
import static dev.greeter.test.RawConnection.number;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.server.socket.OtherPort;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.Hpack;
import dev.greeter.test.RawConnection;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** No request affects the others on its connection of HTTP/2, such as that of a proxy, whatever its caller sends. */
@GrpcTest({})
@Import(WebServices.class)
@TestPropertySource(properties = {"service.web.port=0", "service.web.address=127.0.0.1"})
class WebSharedConnectionTest {

    private static final byte[] HELLO = message(hello("Ada"));
    private static final int PRIORITY_FLAG = 0x20;

    @Autowired
    private OtherPort web;

    @Autowired
    private MeterRegistry meters;

    private RawConnection connection;
    private int witness;

    @BeforeEach
    void begin() throws Exception {
        connection = RawConnection.open(web.number());
        witness = connection.start(WebFloodTest.call());
    }

    @AfterEach
    void othersAreStillServed() throws Exception {
        try {
            assertThat(connection.call(WebFloodTest.call(), HELLO)).isEqualTo("HTTP 200");
            connection.frame(DATA, END_STREAM, witness, HELLO);
            connection.flush();
            assertThat(connection.answer(witness)).isEqualTo("HTTP 200");
        } finally {
            RawConnection.closeAll();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Shout, x",
        "'', x",
        "te, gzip",
        "connection, close",
        "keep-alive, 5",
        "transfer-encoding, chunked",
        "upgrade, h2c",
        ":path, /",
        ":x, y",
        "a b, x",
        "a\u00e9, x",
        "x, 'a\nb'"
    })
    void malformedHeadersAreTheFaultOfTheirRequest(String name, String value) throws Exception {
        assertMalformed(WebFloodTest.call(name, value));
    }

    @Test
    void requestsHaveAMethodAndAPath() throws Exception {
        assertMalformed(Hpack.encode(":scheme", "http", ":path", BIDI, ":authority", "a"));
        assertMalformed(Hpack.encode(":method", "POST", ":scheme", "http", ":authority", "a"));
        assertMalformed(Hpack.encode(":method", "POST", ":scheme", "http", ":path", "", ":authority", "a"));
    }

    private void assertMalformed(byte[] block) throws Exception {
        double refused = refusals("HEADERS_MALFORMED");

        int stream = connection.start(block);
        connection.frame(DATA, 0, stream, HELLO);
        connection.flush();
        assertThat(connection.answer(stream)).isEqualTo("HTTP 400");
        assertThat(connection.reset(stream)).isEqualTo("PROTOCOL_ERROR");
        for (int i = 0; i < 3_000; i++) {
            connection.frame(DATA, 0, stream, HELLO);
        }
        connection.frame(WINDOW_UPDATE, 0, stream, number(1));
        connection.frame(RST_STREAM, 0, stream, number(8));
        connection.flush();

        assertThat(refusals("HEADERS_MALFORMED")).isEqualTo(refused + 1);
    }

    private double refusals(String reason) {
        return meters.get("grpc.server.refusals").tag("reason", reason).functionCounters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"100", "1"})
    void framesOnAStreamThatHasNotBegunAreIgnored(int distance) throws Exception {
        double ignored = refusals("STRAY_FRAME");
        connection.frame(RST_STREAM, 0, witness + distance, number(8));
        connection.frame(WINDOW_UPDATE, 0, witness + distance, number(8));
        connection.frame(DATA, 0, witness + distance, HELLO);
        connection.flush();

        assertThat(connection.call(WebFloodTest.call(), HELLO)).isEqualTo("HTTP 200");
        assertThat(refusals("STRAY_FRAME")).isEqualTo(ignored + 3);
    }

    @Test
    void framesOnAStreamThatIsOverAreIgnored() throws Exception {
        int over = connection.start(WebFloodTest.call());
        connection.frame(DATA, END_STREAM, over, HELLO);
        connection.flush();
        assertThat(connection.answer(over)).isEqualTo("HTTP 200");

        for (int i = 0; i < 3_000; i++) {
            connection.frame(DATA, 0, over, HELLO);
            connection.frame(WINDOW_UPDATE, 0, over, number(8));
            connection.frame(RST_STREAM, 0, over, number(8));
        }
        connection.frame(HEADERS, END_HEADERS | END_STREAM, over, Hpack.encode("late", "trailer"));
        connection.flush();
    }

    @Test
    void aStreamThatDependsOnItselfIsReset() throws Exception {
        int itself = connection.begin();
        byte[] block = WebFloodTest.call();
        byte[] payload = ByteBuffer.allocate(5 + block.length)
                .putInt(itself)
                .put((byte) 0)
                .put(block)
                .array();
        connection.frame(HEADERS, END_HEADERS | PRIORITY_FLAG, itself, payload);
        connection.frame(DATA, END_STREAM, itself, HELLO);
        int later = connection.start(WebFloodTest.call());
        connection.frame(
                PRIORITY, 0, later, ByteBuffer.allocate(5).putInt(later).array());
        connection.flush();

        assertThat(connection.answer(itself)).isEqualTo("RST_STREAM PROTOCOL_ERROR");
        assertThat(connection.answer(later)).isEqualTo("RST_STREAM PROTOCOL_ERROR");
    }

    @Test
    void theTableOfHeadersStaysSmall() throws Exception {
        connection.frame(SETTINGS, 0, 0, RawConnection.settings(1, 1 << 30));
        int stream = connection.start(WebFloodTest.call("Shout", "x"));
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("HTTP 400");
        assertThat(connection.header(stream, Hpack.TABLE_SIZE)).isEqualTo("4096");
        connection.frame(SETTINGS, 0, 0, RawConnection.settings(1, 0));
    }

    @Test
    void framesMayBeEmpty() throws Exception {
        for (int i = 0; i < 100; i++) {
            connection.frame(DATA, 0, witness, new byte[0]);
        }
        connection.flush();
    }

    @Test
    void requestsBeyondTheLimitOfAConnectionAreRefusedOneByOne() throws Exception {
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int stream = connection.start(WebFloodTest.call());
            connection.frame(DATA, 0, stream, HELLO);
            streams.add(stream);
        }
        connection.flush();

        for (int stream : streams.subList(99, 200)) {
            assertThat(connection.answer(stream)).isEqualTo("RST_STREAM REFUSED_STREAM");
        }
        for (int stream : streams.subList(0, 99)) {
            connection.frame(DATA, END_STREAM, stream, HELLO);
            connection.flush();
            assertThat(connection.answer(stream)).isEqualTo("HTTP 200");
        }
    }
}
