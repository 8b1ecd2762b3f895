package dev.greeter.database;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the outages of a database: the beginning and the end of each, and in between at most once that it has got
 * worse or better, and once that the reason is another.
 */
final class OutageLog {

    private static final Logger log = LoggerFactory.getLogger(OutageLog.class);

    private final String name;
    private final List<String> services;
    private final Set<State> reported = EnumSet.noneOf(State.class);
    private boolean reasonChanged;

    /**
     * @param name of the database
     * @param services full names of the services that need it
     */
    OutageLog(String name, List<String> services) {
        this.name = name;
        this.services = services;
    }

    /** The start does not wait for the database any longer. */
    void noAnswer() {
        log.warn("The database {} does not answer{}", name, services("UNAVAILABLE until it does"));
    }

    void changed(State before, State now, String reason) {
        if (now == State.USABLE) {
            log.info(
                    before == State.READ_ONLY ? "The database {} accepts changes" : "Connected to the database {}",
                    name);
            reported.clear();
            reasonChanged = false;
        } else if (reported.add(now)) {
            begun(now, reason);
        } else if (before == now && !reasonChanged) {
            reasonChanged = true;
            log.warn("The database {} still {}: {}", name, text(now), reason);
        } else {
            log.debug("The database {} {}: {}", name, text(now), reason);
        }
    }

    private void begun(State state, String reason) {
        String until = state == State.AWAY ? "UNAVAILABLE until it can" : "NOT_SERVING until it does";
        log.warn("The database {} {}{}: {}", name, text(state), services(until), reason);
    }

    private static String text(State state) {
        return state == State.AWAY ? "cannot be used" : "accepts no changes";
    }

    private String services(String state) {
        return services.isEmpty()
                ? ""
                : "; " + String.join(", ", services) + (services.size() == 1 ? " is " : " are ") + state;
    }
}
