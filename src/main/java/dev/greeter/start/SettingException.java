package dev.greeter.start;

import org.jspecify.annotations.Nullable;

/** A setting that stops the start; the terminal shows only the problem and the remedy. */
public final class SettingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String remedy;

    /**
     * @param problem a sentence that names the property
     * @param remedy what to change
     */
    public SettingException(String problem, String remedy, @Nullable Throwable cause) {
        super(problem, cause);
        this.remedy = remedy;
    }

    public String remedy() {
        return remedy;
    }
}
