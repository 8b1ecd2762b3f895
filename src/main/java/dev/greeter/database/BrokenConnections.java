package dev.greeter.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/** Tells the pool which connections not to use again: it knows no state of H2, and none of a session that is read-only. */
final class BrokenConnections implements SQLExceptionOverride {

    @java.lang.Override
    public Override adjudicate(SQLException failure) {
        return switch (SqlProblem.of(failure)) {
            case AWAY, GONE, READ_ONLY -> Override.MUST_EVICT;
            case CONFLICT, ENDED, FAULT -> Override.CONTINUE_EVICT;
        };
    }
}
