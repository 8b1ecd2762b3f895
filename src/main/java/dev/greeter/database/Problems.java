package dev.greeter.database;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import org.springframework.core.NestedExceptionUtils;

/** Describes the failure of a database in one line. */
final class Problems {

    private Problems() {}

    static String text(Throwable failure) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
        String text = cause.getMessage();
        if (cause instanceof FileSystemException file && file.getReason() == null) {
            text = reason(file) + ": " + file.getFile();
        } else if (text == null || text.isBlank()) {
            text = cause instanceof SQLException sql
                    ? "SQLSTATE " + sql.getSQLState()
                    : cause.getClass().getName();
        }
        return text.replace(H2FilePath.SCHEME + ":", "").strip().replaceAll("\\s*\\R\\s*", "; ");
    }

    private static String reason(FileSystemException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        return failure instanceof NoSuchFileException
                ? "no such file or folder"
                : failure.getClass().getSimpleName();
    }
}
