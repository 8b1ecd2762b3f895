package dev.greeter.server.web;

import static dev.greeter.test.RawConnection.BIDI;
import static dev.greeter.test.RawConnection.DATA;
import static dev.greeter.test.RawConnection.LOTS_OF_REQUESTS;
import static dev.greeter.test.RawConnection.PING;
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
import java.io.IOException;
import java.net.SocketException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** What makes the server reset streams, or answer, is limited on a connection, and one call holds up no other. */
@GrpcTest({})
@Import(WebServices.class)
@TestPropertySource(
        properties = {"service.web.port=0", "service.web.address=127.0.0.1", "service.limit.resets-per-second=20"})
class WebFloodTest {

    /** More than the limit in a second, on a slow machine as well. */
    private static final int MANY = 1_000;

    @Autowired
    private OtherPort web;

    @AfterEach
    void close() throws IOException {
        RawConnection.closeAll();
    }

    /** What makes the server reset a stream, or answer. */
    enum Flood {
        RESETS {
            @Override
            void send(RawConnection connection) throws IOException {
                connection.frame(RST_STREAM, 0, connection.start(call()), number(8));
            }
        },
        EMPTY_WINDOW_UPDATES {
            @Override
            void send(RawConnection connection) throws IOException {
                connection.frame(WINDOW_UPDATE, 0, connection.start(call()), number(0));
            }
        },
        OVERFLOWING_WINDOW_UPDATES {
            @Override
            void send(RawConnection connection) throws IOException {
                connection.frame(WINDOW_UPDATE, 0, connection.start(call()), number(Integer.MAX_VALUE));
            }
        },
        PRIORITIES_BEFORE_THEMSELVES {
            @Override
            void send(RawConnection connection) throws IOException {
                int stream = connection.start(call());
                connection.frame(PRIORITY, 0, stream, Arrays.copyOf(number(stream), 5));
            }
        },
        DATA_AFTER_THE_END {
            @Override
            void send(RawConnection connection) throws IOException {
                int stream = connection.start(call(), true);
                connection.frame(DATA, 0, stream, new byte[1]);
            }
        },
        MALFORMED_HEADERS {
            @Override
            void send(RawConnection connection) throws IOException {
                connection.start(call("Shout", "x"));
            }
        },
        NO_METHOD {
            @Override
            void send(RawConnection connection) throws IOException {
                connection.start(Hpack.encode(":scheme", "http", ":path", BIDI, ":authority", "a"));
            }
        },
        PINGS {
            @Override
            void send(RawConnection connection) throws IOException {
                connection.frame(PING, 0, 0, new byte[8]);
            }
        },
        SETTINGS_FRAMES {
            @Override
            void send(RawConnection connection) throws IOException {
                connection.frame(SETTINGS, 0, 0, new byte[0]);
            }
        };

        abstract void send(RawConnection connection) throws IOException;
    }

    @ParameterizedTest
    @EnumSource(Flood.class)
    void aFloodEndsItsConnection(Flood flood) throws Exception {
        RawConnection connection = RawConnection.open(web.number());
        try {
            for (int i = 0; i < MANY && !connection.ended(); i++) {
                flood.send(connection);
                connection.flush();
            }
        } catch (SocketException e) {
            // The server closed the connection between two of them.
        }

        assertThat(connection.end(5_000)).isEqualTo("GOAWAY ENHANCE_YOUR_CALM");
    }

    @ParameterizedTest
    @EnumSource(Flood.class)
    void aFewOfThemAffectNoOtherCall(Flood flood) throws Exception {
        RawConnection connection = RawConnection.open(web.number());
        for (int i = 0; i < 10; i++) {
            flood.send(connection);
        }

        assertThat(connection.call(call(), message(hello("Ada")))).isEqualTo("HTTP 200");
    }

    @Test
    void callsThatAreNotReadHoldUpNoOther() throws Exception {
        RawConnection connection = RawConnection.open(web.number());
        for (int i = 0; i < 5; i++) {
            int stream = connection.start(callTo(LOTS_OF_REQUESTS));
            connection.frame(DATA, 0, stream, message(hello("never")));
            for (int j = 0; j < 4; j++) {
                connection.frame(DATA, 0, stream, new byte[15_000]);
            }
        }

        assertThat(connection.call(call(), message(hello("Ada")))).isEqualTo("HTTP 200");
    }

    static byte[] call(String... more) {
        return callTo(BIDI, more);
    }

    private static byte[] callTo(String path, String... more) {
        return Hpack.encode(Stream.concat(
                        Stream.of(
                                ":method",
                                "POST",
                                ":scheme",
                                "http",
                                ":path",
                                path,
                                ":authority",
                                "localhost",
                                "content-type",
                                "application/grpc-web+proto"),
                        Stream.of(more))
                .toArray(String[]::new));
    }
}
