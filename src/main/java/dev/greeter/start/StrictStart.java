package dev.greeter.start;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** The setting {@code service.strict}: what is otherwise a warning, or nothing, stops the start. */
public final class StrictStart {

    private static final Logger log = LoggerFactory.getLogger(StrictStart.class);

    private StrictStart() {}

    public static boolean isRequired(Environment environment) {
        return Binder.get(environment).bind("service.strict", Boolean.class).orElse(false);
    }

    /** Stops the start if it is to be strict. */
    public static void refuse(Environment environment, String problem, String remedy) {
        if (isRequired(environment)) {
            throw new SettingException(problem, remedy + " With service.strict=false the server starts anyway.", null);
        }
    }

    /** Stops the start if it is to be strict, and otherwise warns. */
    public static void refuseOrWarn(Environment environment, String problem, String remedy) {
        refuse(environment, problem, remedy);
        log.warn("{} {}", problem, remedy);
    }
}
