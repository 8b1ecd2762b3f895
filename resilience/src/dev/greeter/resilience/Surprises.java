package dev.greeter.resilience;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Unexpected results by kind, with the number of each. */
final class Surprises {

    private static final int KINDS = 20;

    private final boolean timed;
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private String during = "no fault";
    private int more;

    /** @param timed whether what takes too long is one */
    Surprises(boolean timed) {
        this.timed = timed;
    }

    synchronized void during(String what) {
        during = what;
    }

    synchronized void report(String what) {
        String kind = during + ": " + what;
        if (counts.containsKey(kind) || counts.size() < KINDS) {
            counts.merge(kind, 1, Integer::sum);
        } else {
            more++;
        }
    }

    /** Reports that something took too long. */
    void reportDelay(String what) {
        if (timed) {
            report(what);
        }
    }

    synchronized boolean isEmpty() {
        return counts.isEmpty();
    }

    @Override
    public synchronized String toString() {
        return counts.entrySet().stream()
                        .map(kind -> kind.getValue() + " x " + kind.getKey())
                        .collect(Collectors.joining("; "))
                + (more == 0 ? "" : "; and " + more + " more");
    }
}
