package dev.greeter.server;

import io.grpc.Metadata;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives each call its deadline: the caller's within the limit for the kind of call, else the default. Takes the caller's
 * from the headers before grpc-java sees it, which would reset the stream without a status.
 */
final class CallDeadlines {

    private static final Metadata.Key<String> TIMEOUT =
            Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

    private static final String ENDLESS = "grpc.health.v1.Health/Watch";
    private static final long MALFORMED = -1;
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(1);

    private final Set<String> streaming;
    private final Range unary;
    private final Range stream;

    /** @param streaming full names of the methods that are not unary */
    CallDeadlines(Set<String> streaming, ServerSettings settings) {
        this.streaming = streaming;
        this.unary = Range.of(settings.defaultDeadline(), settings.maxDeadline());
        this.stream = Range.of(settings.defaultStreamDeadline(), settings.maxStreamDeadline());
    }

    /** Returns null for a call that may last for ever. */
    @Nullable
    CallDeadline of(String method, Metadata headers) {
        String timeout = headers.get(TIMEOUT);
        if (timeout != null) {
            headers.discardAll(TIMEOUT);
        }
        if (method.equals(ENDLESS)) {
            return null;
        }
        Range range = streaming.contains(method) ? stream : unary;
        long asked = timeout == null ? range.usual : nanos(timeout);
        // A context whose deadline has passed already would reset the stream before the caller can be told.
        long allowed = Math.max(Math.min(asked, range.longest), SOON);
        return new CallDeadline(allowed, asked != MALFORMED);
    }

    /** Reads at most eight digits and a unit, as gRPC over HTTP/2 has it. */
    static long nanos(String timeout) {
        int digits = timeout.length() - 1;
        if (digits < 1 || digits > 8) {
            return MALFORMED;
        }
        long value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = timeout.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return MALFORMED;
            }
            value = value * 10 + digit;
        }
        return switch (timeout.charAt(digits)) {
            case 'H' -> TimeUnit.HOURS.toNanos(value);
            case 'M' -> TimeUnit.MINUTES.toNanos(value);
            case 'S' -> TimeUnit.SECONDS.toNanos(value);
            case 'm' -> TimeUnit.MILLISECONDS.toNanos(value);
            case 'u' -> TimeUnit.MICROSECONDS.toNanos(value);
            case 'n' -> value;
            default -> MALFORMED;
        };
    }

    private record Range(long usual, long longest) {

        static Range of(Duration usual, Duration longest) {
            return new Range(Math.min(usual.toNanos(), longest.toNanos()), longest.toNanos());
        }
    }
}
