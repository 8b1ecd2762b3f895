package dev.greeter.server.call;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives calls of one method their deadlines: that of the caller within the limit, otherwise the default. Removes the
 * header of the caller before grpc-java reads it, which would reset the stream without a status.
 */
final class CallDeadlines {

    private static final Metadata.Key<String> TIMEOUT =
            Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

    private static final String ENDLESS = "grpc.health.v1.Health/Watch";
    private static final long MALFORMED = -1;
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(1);

    private final DeadlineTimer timer;
    private final boolean endless;
    private final long usual;
    private final long longest;

    private CallDeadlines(boolean endless, Duration usual, Duration longest, DeadlineTimer timer) {
        this.timer = timer;
        this.endless = endless;
        this.usual = Math.min(usual.toNanos(), longest.toNanos());
        this.longest = longest.toNanos();
    }

    static CallDeadlines of(MethodDescriptor<?, ?> method, DeadlineSettings settings, DeadlineTimer timer) {
        return method.getType() == MethodType.UNARY
                ? ofUnaryCalls(settings, timer)
                : new CallDeadlines(
                        method.getFullMethodName().equals(ENDLESS),
                        settings.defaultStream(),
                        settings.maxStream(),
                        timer);
    }

    static CallDeadlines ofUnaryCalls(DeadlineSettings settings, DeadlineTimer timer) {
        return new CallDeadlines(false, settings.usual(), settings.max(), timer);
    }

    /** Returns null for a call that may last forever. */
    @Nullable
    CallDeadline of(Metadata headers) {
        String timeout = headers.get(TIMEOUT);
        if (timeout != null) {
            headers.discardAll(TIMEOUT);
        }
        if (endless) {
            return null;
        }
        long asked = timeout == null ? usual : nanos(timeout);
        // A context whose deadline has already passed would reset the stream before the status can be sent.
        long allowed = Math.max(Math.min(asked, longest), SOON);
        return new CallDeadline(asked, allowed, timer);
    }

    /** Parses at most eight digits and a unit, the format of gRPC over HTTP/2. */
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
}
