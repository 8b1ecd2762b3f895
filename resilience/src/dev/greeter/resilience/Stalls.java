package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;
import static dev.greeter.test.RawConnection.*;

import dev.greeter.resilience.Abuse.Attack;
import dev.greeter.resilience.Abuse.Seen;
import dev.greeter.test.RawConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Attacks by delay: connections and calls that are begun and never completed. */
final class Stalls {

    private static final int MANY = 1_000;

    private Stalls() {}

    static Map<String, Attack> attacks() {
        Map<String, Attack> attacks = new LinkedHashMap<>();
        attacks.put("slow handshakes by the thousand", Stalls::slowHandshakes);
        attacks.put("idle connections by the thousand", Stalls::idleConnections);
        attacks.put("streams without end", Stalls::streams);
        attacks.put("a thousand half-sent messages", Stalls::halfSent);
        attacks.put("half-sent messages on many connections", Stalls::halfSentEverywhere);
        attacks.put("windows that never open", Stalls::closedWindows);
        attacks.put("hanging up with a thousand calls in flight", Stalls::hangUp);
        return attacks;
    }

    /** Half a preface must not hold a connection of the server. */
    private static Seen slowHandshakes(ServerProcess server) throws Exception {
        byte[] half = Arrays.copyOf(PREFACE, 10);
        List<RawConnection> connections = many(
                connection -> {
                    connection.raw(half);
                    connection.flush();
                },
                server);
        long limit = System.nanoTime() + 15_000_000_000L;
        int open = connections.size();
        while (open > 0 && System.nanoTime() < limit) {
            connections.removeIf(Stalls::abandoned);
            open = connections.size();
        }
        check(open == 0, open + " of " + MANY + " half handshakes are still open after 15 s");
        return new Seen(MANY, "all hung up on in time");
    }

    private static Seen idleConnections(ServerProcess server) throws Exception {
        List<RawConnection> connections = many(
                connection -> {
                    connection.raw(PREFACE);
                    connection.frame(SETTINGS, 0, 0, settings());
                    connection.flush();
                },
                server);
        Thread.sleep(2_000);
        connections.removeIf(Stalls::abandoned);
        return new Seen(MANY, connections.size() + " of " + MANY + " connections kept");
    }

    private static boolean abandoned(RawConnection connection) {
        try {
            return connection.abandoned();
        } catch (IOException e) {
            return true;
        }
    }

    private interface Greeting {
        void send(RawConnection connection) throws IOException;
    }

    private static List<RawConnection> many(Greeting greeting, ServerProcess server) throws IOException {
        List<RawConnection> connections = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            RawConnection connection = connect(server.port());
            connections.add(connection);
            try {
                greeting.send(connection);
            } catch (IOException e) {
                // The server may refuse at once a peer that has this many connections.
            }
        }
        return connections;
    }

    private static Seen streams(ServerProcess server) throws Exception {
        try (RawConnection connection = open(server.port())) {
            List<Integer> streams = new ArrayList<>();
            try {
                for (int i = 0; i < 20_000 && !connection.ended(); i++) {
                    streams.add(connection.start(call(LOTS_OF_REQUESTS)));
                    if (i % 100 == 0) {
                        connection.flush();
                    }
                }
                connection.flush();
            } catch (IOException e) {
                // The server has closed the connection.
            }
            long limit = System.nanoTime() + 5_000_000_000L;
            long kept;
            do {
                Thread.sleep(100);
                kept = streams.stream().filter(connection::waiting).count();
            } while (kept > MANY && System.nanoTime() < limit);
            check(kept <= MANY, kept + " streams kept open on one connection");
            return new Seen(1, kept + " of " + streams.size() + " streams kept, connection " + connection.end(0));
        }
    }

    /** Fills the windows with messages of the maximum size. */
    private static Seen halfSentEverywhere(ServerProcess server) throws Exception {
        byte[] begin = message(0, 64_000, new byte[15_000]);
        byte[] more = new byte[15_000];
        int connections = 500;
        for (int i = 0; i < connections; i++) {
            RawConnection connection = open(server.port());
            try {
                for (int messages = 0; messages < 15; messages++) {
                    int stream = connection.start(call(SAY_HELLO));
                    connection.frame(DATA, 0, stream, begin);
                    for (int frames = 0; frames < 3; frames++) {
                        connection.frame(DATA, 0, stream, more);
                    }
                }
                connection.flush();
            } catch (IOException e) {
                // The server has closed the connection.
            }
        }
        Thread.sleep(2_000);
        return new Seen(connections, connections + " connections with 15 half messages each");
    }

    private static Seen halfSent(ServerProcess server) throws Exception {
        byte[] half = message(0, 1_000, new byte[500]);
        try (RawConnection connection = open(server.port())) {
            int sent = 0;
            try {
                for (; sent < MANY && !connection.ended(); sent++) {
                    connection.frame(DATA, 0, connection.start(call(SAY_HELLO)), half);
                }
                connection.flush();
            } catch (IOException e) {
                // The server has closed the connection.
            }
            Thread.sleep(500);
            return new Seen(1, sent + " sent, connection " + connection.end(0));
        }
    }

    /** Fills every stream of fifty connections with replies that the client never accepts. */
    private static Seen closedWindows(ServerProcess server) throws Exception {
        int streams = 0;
        int connections = 0;
        byte[] question = message(hello("E".repeat(100)));
        for (int i = 0; i < 50; i++) {
            try {
                RawConnection connection = open(server.port(), 0);
                connections++;
                for (int j = 0; j < Math.min(100, connection.maxConcurrentStreams()); j++, streams++) {
                    int stream = connection.start(call(j % 2 == 0 ? LOTS_OF_REPLIES : BIDI));
                    connection.frame(DATA, j % 2 == 0 ? END_STREAM : 0, stream, question);
                    for (int k = 0; j % 2 == 1 && k < 20; k++) {
                        connection.frame(DATA, 0, stream, question);
                    }
                }
                connection.flush();
            } catch (Exception e) {
                // The server may refuse a peer that has this many connections.
            }
        }
        Thread.sleep(2_000);
        return new Seen(50, streams + " streams stalled on " + connections + " connections");
    }

    private static Seen hangUp(ServerProcess server) throws Exception {
        for (int i = 0; i < 10; i++) {
            RawConnection connection = open(server.port());
            for (int j = 0; j < 100; j++) {
                int stream = connection.start(call(BIDI));
                connection.frame(DATA, 0, stream, message(hello("Eve")));
            }
            connection.flush();
            Thread.sleep(50);
            connection.hangUp();
        }
        return new Seen(10, "10 connections with 100 calls each");
    }
}
