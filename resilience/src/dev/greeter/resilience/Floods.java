package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;
import static dev.greeter.test.RawConnection.*;

import dev.greeter.resilience.Abuse.Attack;
import dev.greeter.resilience.Abuse.Seen;
import dev.greeter.test.Hpack;
import dev.greeter.test.RawConnection;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Attacks by number: frames that cost their sender nothing, as fast as they can be sent. */
final class Floods {

    private static final byte[] NOTHING = {};

    private final ToIntFunction<ServerProcess> port;

    /** @param port tells which port of a server is flooded */
    Floods(ToIntFunction<ServerProcess> port) {
        this.port = port;
    }

    /** Sends one round of a flood. */
    private interface Round {
        void send(RawConnection connection) throws IOException;
    }

    Map<String, Attack> attacks() {
        Map<String, Attack> attacks = new LinkedHashMap<>();
        attacks.put("rapid reset", refused(50_000, connection -> {
            int stream = connection.start(call(SAY_HELLO));
            connection.frame(RST_STREAM, 0, stream, number(8));
        }));
        attacks.put("rapid reset of whole calls", refused(50_000, connection -> {
            int stream = connection.start(call(SAY_HELLO));
            connection.frame(DATA, END_STREAM, stream, message(hello("Eve")));
            connection.frame(RST_STREAM, 0, stream, number(8));
        }));
        attacks.put("resets provoked by a window update of 0", refused(50_000, connection -> {
            int stream = connection.start(call(BIDI));
            connection.frame(WINDOW_UPDATE, 0, stream, number(0));
        }));
        attacks.put("resets provoked by a window overflow", refused(50_000, connection -> {
            int stream = connection.start(call(BIDI));
            connection.frame(WINDOW_UPDATE, 0, stream, number(Integer.MAX_VALUE));
        }));
        attacks.put("resets provoked by a frame after the end", refused(50_000, connection -> {
            int stream = connection.start(call(LOTS_OF_REPLIES), true);
            connection.frame(DATA, 0, stream, message(hello("Eve")));
        }));
        attacks.put("resets provoked by a priority of itself", refused(50_000, connection -> {
            int stream = connection.start(call(BIDI));
            connection.frame(PRIORITY, 0, stream, dependency(stream));
        }));
        attacks.put("CONTINUATION of nothing", continuation(NOTHING));
        attacks.put("CONTINUATION of small headers", continuation(Hpack.encode("a", "b")));
        attacks.put("CONTINUATION of large headers", continuation(Hpack.encode("a", "b".repeat(16_000))));
        attacks.put("PING", refused(50_000, connection -> connection.frame(PING, 0, 0, new byte[8])));
        attacks.put("SETTINGS", lived(20_000, connection -> connection.frame(SETTINGS, 0, 0, settings(4, 65_535))));
        attacks.put("SETTINGS whose answers nobody reads", unread(connection -> {
            connection.frame(SETTINGS, 0, 0, settings(4, 65_535));
        }));
        attacks.put("calls whose answers nobody reads", unread(connection -> {
            int stream = connection.start(call(SAY_HELLO));
            connection.frame(DATA, END_STREAM, stream, message(hello("E".repeat(100))));
        }));
        attacks.put("PRIORITY", lived(50_000, connection -> connection.frame(PRIORITY, 0, 1, dependency(3))));
        attacks.put("frames of an unknown type", lived(50_000, connection -> {
            connection.frame(0xfa, 0, 0, NOTHING);
        }));
        attacks.put("empty DATA", server -> {
            try (RawConnection connection = open(port.applyAsInt(server))) {
                int stream = connection.start(call(LOTS_OF_REQUESTS));
                return seen(connection, send(connection, 50_000, c -> c.frame(DATA, 0, stream, NOTHING)));
            }
        });
        return attacks;
    }

    /** Returns a PRIORITY frame's payload: the stream depended on, and a weight of 1. */
    private static byte[] dependency(int stream) {
        return Arrays.copyOf(number(stream), 5);
    }

    /** A flood for which the server must end the connection. */
    private Attack refused(int rounds, Round round) {
        return server -> {
            try (RawConnection connection = open(port.applyAsInt(server))) {
                int sent = send(connection, rounds, round);
                check(!connection.end(3_000).equals("open"), "not refused in " + sent + " rounds");
                return seen(connection, sent);
            }
        };
    }

    /** A flood that the server may tolerate or refuse. */
    private Attack lived(int rounds, Round round) {
        return server -> {
            try (RawConnection connection = open(port.applyAsInt(server))) {
                return seen(connection, send(connection, rounds, round));
            }
        };
    }

    private Attack continuation(byte[] fragment) {
        return server -> {
            try (RawConnection connection = open(port.applyAsInt(server))) {
                connection.frame(HEADERS, 0, 1, call(SAY_HELLO));
                int sent = send(connection, 50_000, c -> c.frame(CONTINUATION, 0, 1, fragment));
                check(!connection.end(3_000).equals("open"), "not refused in " + sent + " rounds");
                return seen(connection, sent);
            }
        };
    }

    /** Ten connections that never read; the server must not keep its answers without bound. */
    private Attack unread(Round round) {
        return server -> {
            int refused = 0;
            for (int i = 0; i < 10; i++) {
                RawConnection connection = deaf(port.applyAsInt(server), Integer.MAX_VALUE);
                if (send(connection, 20_000, round) < 20_000) {
                    refused++;
                }
            }
            return new Seen(10, refused + " of 10 connections refused");
        };
    }

    private static int send(RawConnection connection, int rounds, Round round) throws IOException {
        int sent = 0;
        try {
            while (sent < rounds && !connection.ended()) {
                round.send(connection);
                if (++sent % 100 == 0) {
                    connection.flush();
                }
            }
            connection.flush();
        } catch (IOException e) {
            // The server may close the connection.
        }
        return sent;
    }

    private static Seen seen(RawConnection connection, int sent) throws Exception {
        return new Seen(1, connection.end(200) + " after " + sent + " rounds");
    }
}
