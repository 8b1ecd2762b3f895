package dev.greeter.client;

import com.google.common.base.Throwables;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Searches a failure and its causes. */
final class Causes {

    private Causes() {}

    static boolean has(@Nullable Throwable failure, Class<? extends Throwable> type) {
        return any(failure, type::isInstance);
    }

    static boolean says(@Nullable Throwable failure, String text) {
        return any(failure, cause -> String.valueOf(cause.getMessage()).contains(text));
    }

    static boolean any(@Nullable Throwable failure, Predicate<Throwable> test) {
        return failure != null && Throwables.getCausalChain(failure).stream().anyMatch(test);
    }
}
