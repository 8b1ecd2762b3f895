package dev.greeter.start;

import java.io.FileNotFoundException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says what is wrong with a file, of which the message of an exception often has the path alone. */
public final class FileProblem {

    private static final String MISSING = "no such file or folder";

    private FileProblem() {}

    public static String text(Throwable failure) {
        if (failure instanceof FileNotFoundException
                && !String.valueOf(failure.getMessage()).contains(" ")) {
            return MISSING + ": " + failure.getMessage();
        }
        return failure instanceof FileSystemException file && file.getReason() == null
                ? reason(file) + ": " + file.getFile()
                : String.valueOf(failure.getMessage());
    }

    private static String reason(FileSystemException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        return failure instanceof NoSuchFileException
                ? MISSING
                : failure.getClass().getSimpleName();
    }
}
