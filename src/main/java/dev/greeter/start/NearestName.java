package dev.greeter.start;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that a misspelt one may stand for. */
public final class NearestName {

    private NearestName() {}

    /** Returns the name with the fewest different letters, unless more than half of them differ. */
    public static Optional<String> to(String wrong, Collection<String> names) {
        return names.stream()
                .filter(name -> changes(wrong, name) <= wrong.length() / 2)
                .min(Comparator.comparingInt((String name) -> changes(wrong, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static int changes(String from, String to) {
        return EditDistance.between(from.toLowerCase(Locale.ROOT), to.toLowerCase(Locale.ROOT));
    }
}
