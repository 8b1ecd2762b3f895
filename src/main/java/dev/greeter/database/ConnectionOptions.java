package dev.greeter.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.start.SettingException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.util.StringUtils;

/**
 * Gives every connection the options that this package needs, whatever the URL contains: with PostgreSQL a limit for
 * each wait, with H2 durable commits and the modes that its services need.
 */
final class ConnectionOptions implements BeanPostProcessor {

    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final String H2 = "jdbc:h2:";

    /** In seconds; by default the driver waits forever. */
    private static final Map<String, String> BOUNDS = Map.of(
            "connectTimeout", "3",
            "loginTimeout", "3",
            "socketTimeout", "60",
            "cancelSignalTimeout", "2",
            "tcpKeepAlive", "true");

    /**
     * A commit is on the disk when it returns; the shutdown of the JVM does not close the database under calls; and closing
     * it moves nothing in the file, as H2 2.4.240 loses data when the disk is full meanwhile.
     */
    private static final Map<String, String> DURABLE =
            Map.of("WRITE_DELAY", "0", "DB_CLOSE_ON_EXIT", "FALSE", "MAX_COMPACT_TIME", "0");

    /** How long H2 does not overwrite what is of no more use: twice the time after which {@code h2FileSync} writes. */
    private static final String RETENTION_TIME = "RETENTION_TIME";

    private static final String RETENTION_MILLIS = "2000";

    private final ObjectProvider<NeedsDatabase> services;

    ConnectionOptions(ObjectProvider<NeedsDatabase> services) {
        this.services = services;
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof HikariDataSource pool && pool.getJdbcUrl() != null) {
            String url = pool.getJdbcUrl();
            requireDriver(url);
            if (url.startsWith(POSTGRESQL)) {
                JdbcUrl given = JdbcUrl.postgresql(url);
                BOUNDS.forEach((option, bound) -> {
                    String value = given.get(option);
                    if (value == null || value.equals("0")) {
                        given.remove(option);
                        pool.getDataSourceProperties().putIfAbsent(option, bound);
                    }
                });
                pool.setJdbcUrl(given.toString());
            } else if (url.startsWith(H2)) {
                pool.setJdbcUrl(h2(url, pool.getUsername()));
            }
            if (pool.getExceptionOverride() == null) {
                pool.setExceptionOverride(new BrokenConnections());
            }
            if (pool.getDataSourceClassName() != null || pool.getDataSourceJNDI() != null) {
                throw new SettingException(
                        "spring.datasource.hikari.data-source-"
                                + (pool.getDataSourceJNDI() == null ? "class-name" : "jndi")
                                + " is set, and the pool would ignore spring.datasource.url.",
                        "Remove it, and name the database by its URL.",
                        null);
            }
            if (pool.isReadOnly()) {
                throw new SettingException(
                        "spring.datasource.hikari.read-only is true, but the services of this application change data.",
                        "Remove it.",
                        null);
            }
        }
        return bean;
    }

    /** Returns a data source without a pool, whose connections wait no longer than this. */
    static SimpleDriverDataSource unpooled(DataSource dataSource, Duration bound) {
        SimpleDriverDataSource unpooled = DataSourceBuilder.derivedFrom(dataSource)
                .type(SimpleDriverDataSource.class)
                .build();
        String url = String.valueOf(unpooled.getUrl());
        Properties options = new Properties();
        HikariDataSource pool = Pool.hikari(dataSource);
        if (pool != null) {
            options.putAll(pool.getDataSourceProperties());
        }
        if (url.startsWith(POSTGRESQL)) {
            JdbcUrl given = JdbcUrl.postgresql(url);
            String seconds = String.valueOf(Math.max(1, bound.toSeconds()));
            for (String option : BOUNDS.keySet()) {
                given.remove(option);
            }
            options.putAll(BOUNDS);
            options.setProperty("socketTimeout", seconds);
            unpooled.setUrl(given.toString());
        }
        unpooled.setConnectionProperties(options);
        return unpooled;
    }

    private static void requireDriver(String url) {
        try {
            DriverManager.getDriver(url);
        } catch (SQLException e) {
            throw new SettingException(
                    "spring.datasource.url is \"" + JdbcUrl.name(url) + "\", which no database driver accepts.",
                    "Write it as jdbc:postgresql://HOST:PORT/DATABASE or as jdbc:h2:file:PATH.",
                    e);
        }
    }

    private String h2(String url, @Nullable String username) {
        JdbcUrl options = JdbcUrl.h2(url);
        if (StringUtils.hasText(username)) {
            // H2 refuses two user names. The setting takes precedence over the URL, which is often the default.
            options.remove("USER");
        }
        Map<String, String> needed = new LinkedHashMap<>(DURABLE);
        services.forEach(service -> needed.putAll(service.h2Options()));
        needed.forEach((option, value) -> {
            String given = options.get(option);
            if (given == null) {
                options.put(option, value);
            } else if (!given.toUpperCase(Locale.ROOT).equals(value.toUpperCase(Locale.ROOT))) {
                throw new SettingException(
                        "spring.datasource.url sets " + option + "=" + given + ", but this application needs " + option
                                + "=" + value + ".",
                        "Remove " + option + " from spring.datasource.url.",
                        null);
            }
        });
        if (!JdbcUrl.isH2File(url)) {
            return options.toString();
        }
        if (options.get(RETENTION_TIME) == null) {
            options.put(RETENTION_TIME, RETENTION_MILLIS);
        }
        return H2FilePath.url(options.toString());
    }
}
