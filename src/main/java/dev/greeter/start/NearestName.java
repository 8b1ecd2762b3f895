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

    /** Returns the Levenshtein distance, without regard to case. */
    private static int changes(String from, String to) {
        String before = from.toLowerCase(Locale.ROOT);
        String after = to.toLowerCase(Locale.ROOT);
        int[] row = new int[after.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= before.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (before.charAt(i - 1) == after.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[after.length()];
    }
}
