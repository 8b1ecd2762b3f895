package dev.greeter.database;

import dev.greeter.start.FileProblem;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Describes the failure of a database in one line. */
final class Problems {

    /** The same for each part of a check, which has its own message in the driver. */
    static final String SILENCE = "no answer in time";

    /** PostgreSQL's SQLSTATE, with another file in each message. */
    private static final String DISK_FULL = "53100";

    /** H2's SQLSTATE. */
    private static final String FILE_CREATION_FAILED = "90062";

    /** How a message of Flyway begins; its cause does not know the script. */
    private static final Pattern FAILED_SCRIPT = Pattern.compile("Failed to execute script \\S+");

    private Problems() {}

    /** Returns the innermost cause that has a message, if any has. */
    private static Throwable mostSpecific(Throwable failure) {
        Throwable cause = failure.getCause();
        Throwable inner = cause == null ? failure : mostSpecific(cause);
        return isSilent(inner) && !isSilent(failure) ? failure : inner;
    }

    private static boolean isSilent(Throwable failure) {
        return failure.getMessage() == null || failure.getMessage().isBlank();
    }

    static String text(Throwable failure) {
        Throwable cause = mostSpecific(failure);
        if (cause instanceof SQLException sql && DISK_FULL.equals(sql.getSQLState())) {
            return "its disk is full";
        }
        String text = FileProblem.text(cause);
        if (text.contains("timed out")) {
            return SILENCE;
        }
        if (isSilent(cause)) {
            text = cause instanceof SQLException sql
                    ? "SQLSTATE " + sql.getSQLState()
                    : cause.getClass().getName();
        }
        if (cause instanceof FileSystemException
                || (cause instanceof SQLException sql && FILE_CREATION_FAILED.equals(sql.getSQLState()))) {
            // The message has a path, but not the setting that it is from.
            text += " (spring.datasource.url)";
        }
        text = script(failure) + text;
        return text.replace(H2FilePath.SCHEME + ":", "").strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    /** Returns which script of a migration failed, if one did. */
    private static String script(Throwable failure) {
        for (Throwable cause = failure; cause.getCause() != null; cause = cause.getCause()) {
            Matcher script = FAILED_SCRIPT.matcher(String.valueOf(cause.getMessage()));
            if (script.lookingAt()) {
                return script.group() + ": ";
            }
        }
        return "";
    }
}
