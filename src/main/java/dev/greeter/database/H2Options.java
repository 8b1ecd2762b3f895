package dev.greeter.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.start.SettingException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.engine.ConnectionInfo;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/** Gives the URL of an H2 database durable commits and the modes that the services need, and refuses what breaks them. */
final class H2Options {

    static final String H2 = "jdbc:h2:";

    private static final String SETTING = ConnectionOptions.URL;

    /**
     * A commit is on the disk when it returns; the shutdown of the JVM does not close the database under calls; and closing
     * it moves nothing in the file, as H2 2.4.240 loses data when the disk is full meanwhile.
     */
    private static final Map<String, String> DURABLE =
            Map.of("WRITE_DELAY", "0", "DB_CLOSE_ON_EXIT", "FALSE", "MAX_COMPACT_TIME", "0");

    /**
     * What H2 does with a file unless the URL says otherwise. It does not overwrite what is of no more use for twice the
     * time after which {@code h2FileSync} writes; and it logs its failures, which it also throws, nowhere: when it cannot
     * write its own log beside the database, it prints a stack trace to standard error.
     */
    private static final Map<String, String> OF_FILES = Map.of("RETENTION_TIME", "2000", "TRACE_LEVEL_FILE", "0");

    /** The least for each: what would be overwritten may not be on the disk yet; calls would not wait for each other. */
    private static final Map<String, Integer> LEAST = Map.of("RETENTION_TIME", 2_000, "LOCK_TIMEOUT", 1_000);

    private static final Map<String, String> REFUSED = Map.of(
            "ACCESS_MODE_DATA=R", "the services of this application change data",
            "AUTO_SERVER=TRUE", "its file belongs to one process");

    /** A database in memory is lost with its last connection otherwise, and connections are replaced. */
    private static final String CLOSE_DELAY = "DB_CLOSE_DELAY";

    /** A drive of Windows has one letter. */
    private static final Pattern FILE_SYSTEM = Pattern.compile(H2 + "(\\w{2,}):.*");

    private static final Set<String> KNOWN_SYSTEMS = Set.of("file", "mem", "tcp", "ssl");

    private H2Options() {}

    /** @param services the options that the services need */
    static void prepare(HikariDataSource pool, Map<String, String> services) {
        String url = String.valueOf(pool.getJdbcUrl());
        requireFileSystem(url);
        JdbcUrl options = JdbcUrl.h2(url);
        // H2 refuses two values. The setting takes precedence over the URL, which is often the default.
        if (StringUtils.hasText(pool.getUsername())) {
            options.remove("USER");
        }
        if (StringUtils.hasText(pool.getPassword())) {
            options.remove("PASSWORD");
        }
        requireHarmless(options);
        Map<String, String> needed = new LinkedHashMap<>(DURABLE);
        needed.putAll(services);
        needed.forEach((option, value) -> require(options, option, value));
        if (JdbcUrl.isH2Memory(url)) {
            requireName(url);
            putIfAbsent(options, CLOSE_DELAY, "-1");
        }
        boolean file = JdbcUrl.isH2File(url);
        if (file) {
            OF_FILES.forEach((option, value) -> putIfAbsent(options, option, value));
        }
        requireAccepted(pool, options.toString());
        String complete = file ? H2FilePath.url(options.toString()) : options.toString();
        pool.setJdbcUrl(complete);
        pool.setDataSource(new H2Connections(complete, pool));
    }

    private static void require(JdbcUrl options, String option, String value) {
        String given = options.get(option);
        if (given == null) {
            options.put(option, value);
        } else if (!given.toUpperCase(Locale.ROOT).equals(value.toUpperCase(Locale.ROOT))) {
            throw refused(option, given, "this application needs " + option + "=" + value);
        }
    }

    private static void requireHarmless(JdbcUrl options) {
        REFUSED.forEach((refused, reason) -> {
            String option = refused.substring(0, refused.indexOf('='));
            String given = options.get(option);
            if (refused.equalsIgnoreCase(option + "=" + given)) {
                throw refused(option, given, reason);
            }
        });
        LEAST.forEach((option, least) -> {
            String given = options.get(option);
            if (given != null && !(given.matches("\\d{4,9}") && Integer.parseInt(given) >= least)) {
                throw refused(option, given, "this application needs at least " + least + " ms");
            }
        });
    }

    private static SettingException refused(String option, @Nullable String given, String reason) {
        return new SettingException(
                SETTING + " sets " + option + "=" + given + ", but " + reason + ".",
                "Remove " + option + " from " + SETTING + ".",
                null);
    }

    private static void requireFileSystem(String url) {
        Matcher matcher = FILE_SYSTEM.matcher(url);
        if (matcher.matches() && !KNOWN_SYSTEMS.contains(matcher.group(1))) {
            throw new SettingException(
                    SETTING + " is \"" + JdbcUrl.name(url) + "\", and with H2's file system " + matcher.group(1)
                            + " a full disk could lose data.",
                    "Write it as jdbc:h2:file:PATH.",
                    null);
        }
    }

    private static void requireName(String url) {
        if (JdbcUrl.name(url).equals(JdbcUrl.H2_MEMORY)) {
            throw new SettingException(
                    SETTING + " is \"" + url + "\", and each connection would have a database of its own.",
                    "Name the database, as in " + JdbcUrl.H2_MEMORY + "users, or use a file: jdbc:h2:file:PATH.",
                    null);
        }
    }

    /** H2 would refuse each connection: an unknown option, two values of one, or a missing password of the file. */
    private static void requireAccepted(HikariDataSource pool, String url) {
        try {
            new ConnectionInfo(url, pool.getDataSourceProperties(), pool.getUsername(), pool.getPassword());
        } catch (DbException e) {
            throw new SettingException(
                    SETTING + " is \"" + JdbcUrl.name(url) + "\" with options that H2 refuses: " + Problems.text(e)
                            + ".",
                    "Correct the options after its first semicolon, or spring.datasource.hikari.data-source-properties.",
                    e);
        }
    }

    private static void putIfAbsent(JdbcUrl options, String option, String value) {
        if (options.get(option) == null) {
            options.put(option, value);
        }
    }
}
