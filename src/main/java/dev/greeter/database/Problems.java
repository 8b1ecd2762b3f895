package dev.greeter.database;

import dev.greeter.start.FileProblem;
import java.sql.SQLException;
import org.springframework.core.NestedExceptionUtils;

/** Describes the failure of a database in one line. */
final class Problems {

    private Problems() {}

    static String text(Throwable failure) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
        String text = FileProblem.text(cause);
        if (cause.getMessage() == null || text.isBlank()) {
            text = cause instanceof SQLException sql
                    ? "SQLSTATE " + sql.getSQLState()
                    : cause.getClass().getName();
        }
        return text.replace(H2FilePath.SCHEME + ":", "").strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
