package dev.greeter.server.socket;

import static dev.greeter.test.RawConnection.BIDI;
import static dev.greeter.test.RawConnection.CONTINUATION;
import static dev.greeter.test.RawConnection.DATA;
import static dev.greeter.test.RawConnection.END_HEADERS;
import static dev.greeter.test.RawConnection.END_STREAM;
import static dev.greeter.test.RawConnection.HEADERS;
import static dev.greeter.test.RawConnection.LOTS_OF_REQUESTS;
import static dev.greeter.test.RawConnection.PRIORITY;
import static dev.greeter.test.RawConnection.RST_STREAM;
import static dev.greeter.test.RawConnection.SAY_HELLO;
import static dev.greeter.test.RawConnection.SETTINGS;
import static dev.greeter.test.RawConnection.WINDOW_UPDATE;
import static dev.greeter.test.RawConnection.call;
import static dev.greeter.test.RawConnection.hello;
import static dev.greeter.test.RawConnection.message;
import static dev.greeter.test.RawConnection.number;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.Hpack;
import dev.greeter.test.RawConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No call affects the others on its connection, whatever its caller sends. */
class SharedConnectionTest {

    private static final byte[] HELLO = message(hello("Ada"));
    private static final int PADDED = 8;
    private static final int PRIORITY_FLAG = 0x20;

    private LimitedServer server;
    private RawConnection connection;
    private int witness;
    private boolean flooded;

    @BeforeEach
    void begin() throws Exception {
        server = LimitedServer.start();
        connection = RawConnection.open(server.port());
        witness = connection.start(call(BIDI));
    }

    @AfterEach
    void othersAreStillServed() throws Exception {
        try {
            if (!flooded) {
                assertThat(connection.call(call(SAY_HELLO), HELLO)).isEqualTo("OK");
                connection.frame(DATA, END_STREAM, witness, HELLO);
                connection.flush();
                assertThat(connection.answer(witness)).isEqualTo("OK");
            }
        } finally {
            connection.close();
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16_000, 17_000, 20_000, 21_000, 1 << 16, 200_000})
    void metadataAboveTheLimitIsRefused(int size) throws Exception {
        double refused = server.refusals("METADATA_TOO_LARGE");

        assertThat(connection.call(call(SAY_HELLO, "x", "y".repeat(size)), HELLO))
                .isEqualTo(size == 16_000 ? "OK" : "RESOURCE_EXHAUSTED");

        assertThat(server.refusals("METADATA_TOO_LARGE")).isEqualTo(size == 16_000 ? refused : refused + 1);
    }

    @Test
    void metadataIsMeasuredAsHttp2Does() throws Exception {
        String[] many = new String[1_000];
        Arrays.fill(many, "x");

        assertThat(connection.call(call(SAY_HELLO, many), HELLO)).isEqualTo("RESOURCE_EXHAUSTED");
        assertThat(connection.call(call(SAY_HELLO, Arrays.copyOf(many, 200)), HELLO))
                .isEqualTo("OK");
    }

    @Test
    void aMessageAboveTheLimitIsTheFaultOfItsCall() throws Exception {
        // The service gets a cancellation, and passes it on as its answer.
        assertThat(connection.answer(oversized(BIDI))).isEqualTo("RESOURCE_EXHAUSTED");
    }

    @ParameterizedTest
    @ValueSource(strings = {BIDI, "/unknown", "/an.Unknown/Method"})
    void theRestOfAnAnsweredRequestUsesUpNoWindow(String path) throws Exception {
        for (int i = 0; i < 90; i++) {
            int stream = oversized(path);
            rest(stream, 5);
            assertThat(connection.answer(stream)).isEqualTo(path.equals(BIDI) ? "RESOURCE_EXHAUSTED" : "UNIMPLEMENTED");
            rest(stream, 5);
            connection.frame(DATA, i % 2, stream, new byte[0]);
        }
    }

    @Test
    void theCallerOfAnAnsweredRequestIsToldToSendNoMore() throws Exception {
        int stream = oversized(BIDI);
        assertThat(connection.answer(stream)).isEqualTo("RESOURCE_EXHAUSTED");

        for (int i = 0; i < 20; i++) {
            rest(stream, 4);
            assertThat(connection.call(call(SAY_HELLO), HELLO)).isEqualTo("OK");
        }

        assertThat(connection.reset(stream)).isEqualTo("NO_ERROR");
    }

    @Test
    void anAnsweredRequestThatDoesNotEndIsNoCall() throws Exception {
        for (int i = 0; i < 250; i++) {
            assertThat(connection.answer(oversized(i % 2 == 0 ? BIDI : "/unknown")))
                    .isEqualTo(i % 2 == 0 ? "RESOURCE_EXHAUSTED" : "UNIMPLEMENTED");
            assertThat(connection.call(call(SAY_HELLO), HELLO)).isEqualTo("OK");
        }
        refusesCallsBeyondTheLimit();
    }

    @Test
    void callsThatAreNotReadHoldUpNoOther() throws Exception {
        for (int i = 0; i < 7; i++) {
            rest(connection.start(call(LOTS_OF_REQUESTS)), 16);
        }
        byte[] many = new byte[RawConnection.MAX_FRAME / HELLO.length * HELLO.length];
        for (int i = 0; i < many.length; i += HELLO.length) {
            System.arraycopy(HELLO, 0, many, i, HELLO.length);
        }
        for (int sent = 0; sent < 5_000_000; sent += many.length) {
            connection.frame(DATA, 0, witness, many);
            assertThat(connection.call(call(SAY_HELLO), HELLO)).isEqualTo("OK");
        }
    }

    /** Begins a call with a message above the limit. */
    private int oversized(String path) throws IOException {
        int stream = connection.start(call(path));
        connection.frame(DATA, 0, stream, message(0, 5_000_000, new byte[0]));
        connection.flush();
        return stream;
    }

    private void rest(int stream, int frames) throws IOException {
        for (int i = 0; i < frames; i++) {
            connection.frame(DATA, 0, stream, new byte[RawConnection.MAX_FRAME]);
        }
        connection.flush();
    }

    @Test
    void headersWithoutEndEndTheConnection() throws Exception {
        flooded = true;
        int stream = connection.start(call(BIDI));
        connection.frame(HEADERS, 0, stream + 2, call(SAY_HELLO));
        byte[] more = Hpack.encode("x", "y".repeat(16_000));
        for (int i = 0; i < 25; i++) {
            connection.frame(CONTINUATION, 0, stream + 2, more);
        }
        connection.flush();

        assertThat(connection.end(5_000)).startsWith("GOAWAY");
    }

    @Test
    void malformedHeadersAreTheFaultOfTheirCall() throws Exception {
        Map<String, String> malformed = Map.of(
                "x-bin", "!!!",
                "Shout", "x",
                "te", "gzip",
                "connection", "close",
                "keep-alive", "5",
                "transfer-encoding", "chunked",
                "upgrade", "h2c",
                "proxy-connection", "close",
                ":path", "/",
                ":x", "y");
        for (Map.Entry<String, String> header : malformed.entrySet()) {
            assertMalformed(call(SAY_HELLO, header.getKey(), header.getValue()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "a b", " a", "a ", "a\tb", "a\r", "a\nb", "a\0", "a\u007f", "a\u00e9", "a:b", "a\nb-bin"
            })
    void namesOfHeadersAreTokens(String name) throws Exception {
        assertMalformed(call(SAY_HELLO, name, "YQ=="));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "\r", "\n", "a\0b", "a\r\nb: c", "a\n", "\ra"})
    void valuesOfHeadersHaveNoLineBreaks(String value) throws Exception {
        assertMalformed(call(SAY_HELLO, "x", value));
        assertMalformed(call(BIDI, "user-agent", value));
        assertMalformed(call(SAY_HELLO + value));
        assertMalformed(call("/an.Unknown/Method", "x", value));
        assertMalformed(headers(":authority", value, "application/grpc"));
        assertMalformed(headers("host", value, "application/grpc"));
    }

    @Test
    void longValuesHaveNoLineBreaksAnywhere() throws Exception {
        String value = "a".repeat(19);
        for (int i = 0; i < value.length(); i++) {
            assertMalformed(call(SAY_HELLO, "x", value.substring(0, i) + "\0\r\n".charAt(i % 3) + value.substring(i)));
        }
        assertThat(connection.call(
                        call(SAY_HELLO, "x", "\u0001\t\u000b\u000e\u007f\u0080\u008a\u008d\u00ff" + value), HELLO))
                .isEqualTo("OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", " a b ", "\t", "\u00e9", "\u007f", "\u0001", "a:b"})
    void otherValuesOfHeadersAreAllowed(String value) throws Exception {
        assertThat(connection.call(call(SAY_HELLO, "x", value, "x-bin", "AAoN"), HELLO))
                .isEqualTo("OK");
    }

    private void assertMalformed(byte[] block) throws Exception {
        double refused = server.refusals("HEADERS_MALFORMED");

        int stream = connection.start(block);
        connection.frame(DATA, END_STREAM, stream, HELLO);
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("INTERNAL");
        assertThat(connection.reset(stream)).isEqualTo("PROTOCOL_ERROR");
        assertThat(server.refusals("HEADERS_MALFORMED")).isEqualTo(refused + 1);
    }

    @Test
    void whateverFollowsMalformedHeadersIsIgnored() throws Exception {
        int stream = malformed();
        connection.frame(DATA, 0, stream, HELLO);
        connection.frame(WINDOW_UPDATE, 0, stream, number(1));
        connection.frame(PRIORITY, 0, stream, new byte[5]);
        connection.flush();
        assertThat(connection.answer(stream)).isEqualTo("INTERNAL");

        connection.frame(DATA, PADDED, stream, new byte[] {3, 1, 2, 0, 0, 0});
        connection.frame(WINDOW_UPDATE, 0, stream, number(Integer.MAX_VALUE));
        connection.frame(HEADERS, END_HEADERS, stream, Hpack.encode("late", "trailer"));
        connection.frame(HEADERS, 0, stream, Hpack.encode("more", "x"));
        connection.frame(CONTINUATION, END_HEADERS, stream, Hpack.encode("later", "trailer"));
        connection.frame(RST_STREAM, 0, stream, number(8));
        connection.frame(DATA, END_STREAM, stream, HELLO);
        connection.flush();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 1_000, RawConnection.MAX_FRAME})
    void theDataThatFollowsMalformedHeadersIsGivenBackToTheConnection(int size) throws Exception {
        int stream = malformed();
        connection.flush();
        byte[] data = new byte[size];
        for (int i = 0; i < 20_000; i++) {
            connection.frame(DATA, 0, stream, data);
        }
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("INTERNAL");
    }

    @Test
    void headersThatAreMalformedAgainAndAgainAreRefusedOneByOne() throws Exception {
        for (int i = 0; i < 3_000; i += 50) {
            List<Integer> streams = new ArrayList<>();
            for (int j = 0; j < 50; j++) {
                int stream = malformed();
                connection.frame(DATA, END_STREAM, stream, HELLO);
                streams.add(stream);
            }
            connection.flush();
            for (int stream : streams) {
                assertThat(connection.answer(stream)).isEqualTo("INTERNAL");
            }
        }
    }

    @Test
    void framesOnAStreamThatHasNotBegunAreIgnored() throws Exception {
        int late = witness + 100;
        connection.frame(RST_STREAM, 0, late, number(8));
        connection.frame(WINDOW_UPDATE, 0, late, number(8));
        connection.frame(DATA, 0, late, HELLO);
        connection.frame(PRIORITY, 0, late, new byte[5]);
        connection.flush();

        assertThat(connection.call(call(SAY_HELLO), HELLO)).isEqualTo("OK");
        assertThat(server.refusals("STRAY_FRAME")).isEqualTo(3);
    }

    @Test
    void framesOnAStreamThatOnlyAServerBeginsAreIgnored() throws Exception {
        connection.call(call(SAY_HELLO), HELLO);
        connection.frame(RST_STREAM, 0, 2, number(8));
        connection.frame(WINDOW_UPDATE, 0, 2, number(8));
        connection.frame(DATA, 0, 2, HELLO);
        connection.flush();

        assertThat(connection.call(call(SAY_HELLO), HELLO)).isEqualTo("OK");
        assertThat(server.refusals("STRAY_FRAME")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {SAY_HELLO, BIDI})
    void trailersEndARequest(String path) throws Exception {
        int stream = connection.start(call(path));
        connection.frame(DATA, 0, stream, HELLO);
        connection.frame(HEADERS, END_HEADERS | END_STREAM, stream, Hpack.encode("x", "y"));
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("OK");
    }

    @ParameterizedTest
    @CsvSource({SAY_HELLO + ", UNIMPLEMENTED", BIDI + ", OK", "/unknown, UNIMPLEMENTED"})
    void headersEndARequestWithoutMessages(String path, String status) throws Exception {
        int stream = connection.start(call(path), true);
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({":method, x", ":scheme, x", ":path, x", ":authority, x", "a b, x", "x, 'a\nb'", "a\u00e9, x"})
    void trailersHaveNoPseudoHeadersAndAreWellFormed(String name, String value) throws Exception {
        int stream = connection.start(call(BIDI));
        connection.frame(HEADERS, END_HEADERS | END_STREAM, stream, Hpack.encode(name, value));
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("RST_STREAM PROTOCOL_ERROR");
    }

    @Test
    void framesOnAStreamThatIsOverAreIgnored() throws Exception {
        int over = connection.start(call(SAY_HELLO));
        connection.frame(DATA, END_STREAM, over, HELLO);
        connection.flush();
        assertThat(connection.answer(over)).isEqualTo("OK");

        for (int i = 0; i < 3_000; i++) {
            connection.frame(DATA, 0, over, HELLO);
            connection.frame(WINDOW_UPDATE, 0, over, number(8));
            connection.frame(RST_STREAM, 0, over, number(8));
        }
        connection.flush();
    }

    @Test
    void headersOnAStreamThatIsOverAreLimited() throws Exception {
        flooded = true;
        int stream = malformed();
        for (int i = 0; i < 6_000; i++) {
            connection.frame(HEADERS, END_HEADERS, stream, Hpack.encode("late", "trailer"));
        }
        connection.flush();

        assertThat(connection.end(5_000)).isEqualTo("GOAWAY ENHANCE_YOUR_CALM");
    }

    @Test
    void resetsOfStreamsThatHaveNotBegunCountAsResets() throws Exception {
        flooded = true;
        for (int i = 0; i < 600; i++) {
            connection.frame(RST_STREAM, 0, witness + 2 + 2 * i, number(8));
        }
        connection.flush();

        assertThat(connection.end(5_000)).isEqualTo("GOAWAY ENHANCE_YOUR_CALM");
        assertThat(server.refusals("RESET_LIMIT")).isOne();
    }

    @Test
    void callsBeyondTheLimitOfAConnectionAreRefusedOneByOne() throws Exception {
        refusesCallsBeyondTheLimit();
    }

    private void refusesCallsBeyondTheLimit() throws Exception {
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int stream = connection.start(call(BIDI));
            connection.frame(DATA, 0, stream, HELLO);
            streams.add(stream);
        }
        connection.flush();
        for (int stream : streams.subList(99, 200)) {
            assertThat(connection.answer(stream)).isEqualTo("RST_STREAM REFUSED_STREAM");
        }
        for (int stream : streams.subList(0, 99)) {
            connection.frame(DATA, END_STREAM, stream, HELLO);
        }
        connection.flush();
        for (int stream : streams.subList(0, 99)) {
            assertThat(connection.answer(stream)).isEqualTo("OK");
        }
    }

    @Test
    void framesMayArriveInPieces() throws Exception {
        int stream = witness + 2;
        byte[] block = call(SAY_HELLO);
        for (byte[] part : List.of(
                frame(RST_STREAM, 0, stream, number(8)),
                frame(HEADERS, END_HEADERS, witness + 4, call(SAY_HELLO, "te", "gzip")),
                frame(DATA, END_STREAM, witness + 4, HELLO),
                frame(DATA, END_STREAM, witness + 4, HELLO))) {
            for (byte single : part) {
                connection.raw(new byte[] {single});
                connection.flush();
            }
        }
        connection.start(block, true);
        connection.start(block, true);

        assertThat(connection.call(block, HELLO)).isEqualTo("OK");
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    @Test
    void aStreamThatDependsOnItselfIsReset() throws Exception {
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            streams.add(dependent(0));
            streams.add(dependent(PADDED));
        }
        connection.flush();

        for (int stream : streams) {
            assertThat(connection.answer(stream)).isEqualTo("RST_STREAM PROTOCOL_ERROR");
        }
    }

    @Test
    void aPriorityOnItselfConcernsNoOtherStream() throws Exception {
        int stream = connection.start(call(BIDI));
        connection.frame(PRIORITY, 0, stream, dependency(stream));
        connection.frame(PRIORITY, 0, stream + 200, dependency(stream + 200));
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("RST_STREAM PROTOCOL_ERROR");
    }

    @Test
    void aPriorityMayArriveInPieces() throws Exception {
        for (int flag : new int[] {0, PADDED}) {
            int itself = connection.begin();
            int other = connection.begin();
            byte[] padding = new byte[flag / PADDED];
            for (byte[] part : List.of(
                    frame(
                            HEADERS,
                            END_HEADERS | PRIORITY_FLAG | flag,
                            itself,
                            join(padding, join(dependency(itself), call(SAY_HELLO)))),
                    frame(
                            HEADERS,
                            END_HEADERS | PRIORITY_FLAG | flag,
                            other,
                            join(padding, join(dependency(itself), call(SAY_HELLO)))),
                    frame(DATA, END_STREAM, other, HELLO))) {
                for (byte single : part) {
                    connection.raw(new byte[] {single});
                    connection.flush();
                }
            }
            assertThat(connection.answer(itself)).isEqualTo("RST_STREAM PROTOCOL_ERROR");
            assertThat(connection.answer(other)).isEqualTo("OK");
        }
    }

    private int dependent(int padded) throws IOException {
        int stream = connection.begin();
        byte[] payload = join(new byte[padded / PADDED], join(dependency(stream), call(SAY_HELLO)));
        connection.frame(HEADERS, END_HEADERS | PRIORITY_FLAG | padded, stream, payload);
        connection.frame(DATA, END_STREAM, stream, HELLO);
        return stream;
    }

    private static byte[] dependency(int stream) {
        return join(number(stream), new byte[1]);
    }

    private static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    @Test
    void aCodecThatIsNotProtobufIsRefused() throws Exception {
        for (String codec : List.of("+json", "+thrift", "+protobuf", "+JSON;q=1", "+")) {
            assertThat(connection.call(ofContentType("application/grpc" + codec), HELLO))
                    .as(codec)
                    .isEqualTo("UNIMPLEMENTED");
        }
        for (String codec : List.of("", "+proto", ";charset=utf-8", "+PROTO;x=y")) {
            assertThat(connection.call(ofContentType("application/grpc" + codec), HELLO))
                    .as(codec)
                    .isEqualTo("OK");
        }
    }

    @Test
    void aCompressorThatIsUnknownIsRefusedWithThoseThatAreKnown() throws Exception {
        int stream = connection.start(call(SAY_HELLO, "grpc-encoding", "snappy"));
        connection.frame(DATA, END_STREAM, stream, message(1, HELLO.length, HELLO));
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("UNIMPLEMENTED");
        assertThat(connection.header(stream, "grpc-accept-encoding")).contains("gzip");
    }

    @Test
    void anEmptyPathIsThatOfAnUnknownMethod() throws Exception {
        assertThat(connection.call(call(""), HELLO)).isEqualTo("UNIMPLEMENTED");
    }

    /** Netty would keep each answer in the table, until the server has no memory left. */
    @Test
    void theTableOfHeadersStaysSmall() throws Exception {
        connection.frame(SETTINGS, 0, 0, RawConnection.settings(1, 1 << 30));
        int stream = connection.start(call("/unknown"), true);
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("UNIMPLEMENTED");
        assertThat(connection.header(stream, Hpack.TABLE_SIZE)).isEqualTo("4096");
        connection.frame(SETTINGS, 0, 0, RawConnection.settings(1, 0));
    }

    private int malformed() throws IOException {
        return connection.start(call(SAY_HELLO, "x-bin", "!!!"));
    }

    private static byte[] ofContentType(String contentType) {
        return headers(":authority", "localhost", contentType);
    }

    private static byte[] headers(String authorityField, String authority, String contentType) {
        return Hpack.encode(
                ":method",
                "POST",
                ":scheme",
                "http",
                ":path",
                SAY_HELLO,
                authorityField,
                authority,
                "content-type",
                contentType,
                "te",
                "trailers");
    }
}
