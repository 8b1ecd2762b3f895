package dev.greeter.start;

import org.jspecify.annotations.Nullable;

/** A setting that the application cannot start with; the terminal shows the problem and the remedy alone. */
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

    String remedy() {
        return remedy;
    }
}
