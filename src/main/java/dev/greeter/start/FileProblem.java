package dev.greeter.start;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says what is wrong with a file, of which the message of an exception often has the path alone. */
public final class FileProblem {

    private FileProblem() {}

    public static String text(Throwable failure) {
        return failure instanceof FileSystemException file && file.getReason() == null
                ? reason(file) + ": " + file.getFile()
                : String.valueOf(failure.getMessage());
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
