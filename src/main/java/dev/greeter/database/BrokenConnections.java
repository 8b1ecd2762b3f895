package dev.greeter.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/** Tells the pool which connections to evict: it does not know H2's states and those of read-only sessions. */
final class BrokenConnections implements SQLExceptionOverride {

    @java.lang.Override
    public Override adjudicate(SQLException failure) {
        return switch (SqlProblem.of(failure)) {
            case AWAY, GONE, READ_ONLY -> Override.MUST_EVICT;
            case CONFLICT, ENDED, FAULT -> Override.CONTINUE_EVICT;
        };
    }
}
