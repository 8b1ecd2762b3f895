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
import java.util.Set;
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

    static final String POSTGRESQL = "jdbc:postgresql:";
    private static final String H2 = "jdbc:h2:";

    /** In seconds; by default the driver waits forever. */
    private static final Map<String, String> BOUNDS = Map.of(
            "connectTimeout", "3",
            "loginTimeout", "3",
            "socketTimeout", "60",
            "cancelSignalTimeout", "2",
            "tcpKeepAlive", "true");

    /** Less for each of several servers: one of the others may be the primary. */
    private static final Map<String, String> BOUNDS_OF_SEVERAL = Map.of("connectTimeout", "1", "loginTimeout", "2");

    /** A read that takes longer is repeated at the primary. */
    private static final Map<String, String> BOUNDS_OF_STANDBYS =
            Map.of("connectTimeout", "1", "loginTimeout", "2", "socketTimeout", "10");

    private static final String PRIMARY = "primary";
    private static final String STANDBY = "secondary";

    private static final String ROLE = "targetServerType";
    private static final String READ_ONLY = "readOnly";

    private static final Set<String> ROLES = Set.of("any", "primary", "master", "preferPrimary");

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

    /** A database in memory is lost with its last connection otherwise, and connections are replaced. */
    private static final String CLOSE_DELAY = "DB_CLOSE_DELAY";

    private final ObjectProvider<NeedsDatabase> services;

    ConnectionOptions(ObjectProvider<NeedsDatabase> services) {
        this.services = services;
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof HikariDataSource pool && pool.getJdbcUrl() != null) {
            String url = pool.getJdbcUrl();
            requireDriver("spring.datasource.url", url);
            if (url.startsWith(POSTGRESQL)) {
                postgresql(pool, JdbcUrl.postgresql(url));
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
            if (pool.getConnectionTimeout() == Integer.MAX_VALUE) {
                throw new SettingException(
                        "spring.datasource.hikari.connection-timeout is 0, and calls would wait for a connection forever.",
                        "Set it to at least 250, in milliseconds.",
                        null);
            }
        }
        return bean;
    }

    /** Returns a data source without a pool, whose connections wait no longer than this and are otherwise the same. */
    static DataSource unpooled(DataSource dataSource, Duration bound) {
        DataSource unpooled = withoutPool(dataSource, bound);
        HikariDataSource pool = Pool.hikari(dataSource);
        return pool == null ? unpooled : PreparedConnections.like(pool, unpooled);
    }

    private static DataSource withoutPool(DataSource dataSource, Duration bound) {
        SimpleDriverDataSource unpooled = derived(dataSource);
        String url = String.valueOf(unpooled.getUrl());
        Properties options = new Properties();
        HikariDataSource pool = Pool.hikari(dataSource);
        if (pool != null) {
            options.putAll(pool.getDataSourceProperties());
        }
        if (url.startsWith(POSTGRESQL)) {
            JdbcUrl given = JdbcUrl.postgresql(url);
            String seconds = String.valueOf(Math.max(1, bound.toSeconds()));
            BOUNDS.keySet().forEach(given::remove);
            options.putAll(BOUNDS);
            options.setProperty("socketTimeout", seconds);
            Failover several = pool != null && pool.getDataSource() instanceof Failover hosts ? hosts : null;
            if (several != null || given.hosts().size() > 1) {
                options.putAll(BOUNDS_OF_SEVERAL);
                putIfPresent(options, "user", unpooled.getUsername());
                putIfPresent(options, "password", unpooled.getPassword());
                return several == null ? new Failover(given, PRIMARY, options) : several.with(given, options);
            }
            unpooled.setUrl(given.toString());
        }
        unpooled.setConnectionProperties(options);
        return unpooled;
    }

    /**
     * Returns a pool of connections to standbys.
     *
     * @param like the pool of the primary, whose login and limits it has
     */
    static HikariDataSource standbys(HikariDataSource like, String setting, String url) {
        requireDriver(setting, url);
        JdbcUrl given = JdbcUrl.postgresql(url);
        String role = given.get(ROLE);
        if (!url.startsWith(POSTGRESQL) || (role != null && !role.equals(STANDBY))) {
            throw new SettingException(
                    setting + " is \"" + JdbcUrl.name(url) + "\"" + (role == null ? "" : " with " + ROLE + "=" + role)
                            + ", which names no standby.",
                    "Write it as jdbc:postgresql://HOST:PORT/DATABASE, with more standbys as HOST:PORT,HOST:PORT.",
                    null);
        }
        HikariDataSource pool = new HikariDataSource();
        pool.setPoolName("standbys");
        pool.setJdbcUrl(url);
        pool.setUsername(like.getUsername());
        pool.setPassword(like.getPassword());
        pool.setMaximumPoolSize(like.getMaximumPoolSize());
        pool.setMinimumIdle(Math.max(0, like.getMinimumIdle()));
        pool.setCatalog(like.getCatalog());
        pool.setSchema(like.getSchema());
        pool.setConnectionInitSql(like.getConnectionInitSql());
        pool.setConnectionTimeout(like.getConnectionTimeout());
        pool.setValidationTimeout(like.getValidationTimeout());
        pool.setInitializationFailTimeout(like.getInitializationFailTimeout());
        pool.setExceptionOverride(new BrokenConnections());
        pool.setMetricsTrackerFactory(like.getMetricsTrackerFactory());
        bound(pool, given, BOUNDS_OF_STANDBYS);
        pool.setDataSource(new Failover(given, STANDBY, pool.getDataSourceProperties()));
        return pool;
    }

    /** Returns the name of the database, for the log. */
    static String name(DataSource dataSource) {
        return JdbcUrl.name(
                H2FilePath.written(String.valueOf(derived(dataSource).getUrl())));
    }

    private static SimpleDriverDataSource derived(DataSource dataSource) {
        return DataSourceBuilder.derivedFrom(dataSource)
                .type(SimpleDriverDataSource.class)
                .build();
    }

    private static void putIfPresent(Properties options, String option, @Nullable String value) {
        if (value != null) {
            options.setProperty(option, value);
        }
    }

    private static void postgresql(HikariDataSource pool, JdbcUrl url) {
        if (isOn(url.get(READ_ONLY)) || isOn(pool.getDataSourceProperties().getProperty(READ_ONLY))) {
            throw new SettingException(
                    "spring.datasource.url sets " + READ_ONLY + ", but the services of this application change data.",
                    "Remove it.",
                    null);
        }
        boolean several = url.hosts().size() > 1;
        bound(pool, url, several ? BOUNDS_OF_SEVERAL : Map.of());
        Properties options = pool.getDataSourceProperties();
        String role = url.get(ROLE);
        if (role == null) {
            role = options.getProperty(ROLE);
        }
        if (role != null && !ROLES.contains(role)) {
            throw new SettingException(
                    "spring.datasource.url sets " + ROLE + "=" + role
                            + ", but the services of this application change data, which only a primary accepts.",
                    "Remove it, or set it to primary, preferPrimary or any.",
                    null);
        }
        if (several) {
            pool.setDataSource(new Failover(url, role == null ? PRIMARY : role, options));
        }
    }

    private static boolean isOn(@Nullable String option) {
        return Boolean.parseBoolean(option);
    }

    private static void bound(HikariDataSource pool, JdbcUrl url, Map<String, String> bounds) {
        BOUNDS.forEach((option, bound) -> {
            String value = url.get(option);
            if (value == null || value.equals("0")) {
                url.remove(option);
                pool.getDataSourceProperties().putIfAbsent(option, bounds.getOrDefault(option, bound));
            }
        });
        pool.setJdbcUrl(url.toString());
    }

    static void requireDriver(String setting, String url) {
        try {
            DriverManager.getDriver(url);
        } catch (SQLException e) {
            throw new SettingException(
                    setting + " is \"" + JdbcUrl.name(url) + "\", which no database driver accepts.",
                    "Write it as jdbc:postgresql://HOST:PORT/DATABASE, with more hosts as HOST:PORT,HOST:PORT,"
                            + " or as jdbc:h2:file:PATH.",
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
        if (JdbcUrl.isH2Memory(url)) {
            requireName(url);
            if (options.get(CLOSE_DELAY) == null) {
                options.put(CLOSE_DELAY, "-1");
            }
        }
        if (!JdbcUrl.isH2File(url)) {
            return options.toString();
        }
        OF_FILES.forEach((option, value) -> {
            if (options.get(option) == null) {
                options.put(option, value);
            }
        });
        return H2FilePath.url(options.toString());
    }

    private static void requireName(String url) {
        if (JdbcUrl.name(url).equals(JdbcUrl.H2_MEMORY)) {
            throw new SettingException(
                    "spring.datasource.url is \"" + url + "\", and each connection would have a database of its own.",
                    "Name the database, as in " + JdbcUrl.H2_MEMORY + "users, or use a file: jdbc:h2:file:PATH.",
                    null);
        }
    }
}
