package dev.greeter.start;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.BasicConfigurator;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.pattern.DateConverter;
import ch.qos.logback.core.status.Status;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.logging.LogFile;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ApplicationListener;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Sets the log up right before Spring Boot does, which then has nothing to do: it prints each fault of a pattern or of
 * Logback's file with a stack trace, and starts with some of them.
 */
@Order(LoggingApplicationListener.DEFAULT_ORDER - 1)
final class LogStart implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {

    private static final String FILE = LoggingApplicationListener.CONFIG_PROPERTY;

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        ConfigurableEnvironment environment = event.getEnvironment();
        String file = file(environment);
        PrintStream terminal = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, UTF_8));
        Optional<String> fault;
        try {
            fault = setUp(context, environment, file);
        } finally {
            System.setErr(terminal);
        }
        if (fault.isPresent()) {
            writeToConsole(context);
            throw new SettingException(
                    file == null
                            ? "The log cannot be set up: " + fault.get() + Culprits.of(fault.get(), environment)
                            : SettingOrigin.assignment(FILE, file) + ": " + fault.get() + "."
                                    + SettingOrigin.ofNamed(FILE, environment),
                    "Correct it as Logback's manual says.",
                    null);
        }
        terminal.print(printed.toString(UTF_8));
    }

    private static @Nullable String file(ConfigurableEnvironment environment) {
        String file = environment.getProperty(FILE, "").strip();
        return file.isEmpty() || file.startsWith("-D") ? null : file;
    }

    /** Returns what is wrong. */
    private static Optional<String> setUp(
            LoggerContext context, ConfigurableEnvironment environment, @Nullable String file) {
        long begin = System.currentTimeMillis();
        try {
            LoggingSystem.get(LogStart.class.getClassLoader())
                    .initialize(new LoggingInitializationContext(environment), file, LogFile.get(environment));
        } catch (RuntimeException e) {
            Throwable root = NestedExceptionUtils.getMostSpecificCause(e);
            String message = FileProblem.text(root).replaceFirst("\\.$", "");
            return e.getCause() == null ? fault(context, begin).or(() -> Optional.of(message)) : Optional.of(message);
        }
        return fault(context, begin);
    }

    private static Optional<String> fault(LoggerContext context, long begin) {
        return context.getStatusManager().getCopyOfStatusList().stream()
                .filter(status -> status.getTimestamp() >= begin)
                .filter(status -> status.getLevel() == Status.ERROR || status.getOrigin() instanceof DateConverter)
                .map(Status::getMessage)
                .findFirst();
    }

    /** For the report: there may be no log by now. */
    private static void writeToConsole(LoggerContext context) {
        context.reset();
        BasicConfigurator console = new BasicConfigurator();
        console.setContext(context);
        console.configure(context);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.INFO);
    }
}
