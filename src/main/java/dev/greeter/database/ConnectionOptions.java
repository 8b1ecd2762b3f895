package dev.greeter.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.start.SettingException;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/**
 * Gives every connection the options that this package needs, whatever the URL contains: with PostgreSQL a limit for
 * each wait, with H2 durable commits and the modes that its services need.
 */
final class ConnectionOptions implements BeanPostProcessor {

    static final String POSTGRESQL = "jdbc:postgresql:";

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

    static final String URL = "spring.datasource.url";
    private static final String ISOLATION = "TRANSACTION_READ_COMMITTED";

    private final ObjectProvider<NeedsDatabase> services;

    ConnectionOptions(ObjectProvider<NeedsDatabase> services) {
        this.services = services;
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof HikariDataSource pool && pool.getJdbcUrl() != null) {
            String url = pool.getJdbcUrl();
            useDriver(pool, requireUrl(URL, url));
            if (url.startsWith(POSTGRESQL)) {
                postgresql(pool, JdbcUrl.postgresql(url));
                requireReadCommitted(pool);
            } else if (url.startsWith(H2Options.H2)) {
                Map<String, String> needed = new LinkedHashMap<>();
                services.forEach(service -> needed.putAll(service.h2Options()));
                H2Options.prepare(pool, needed);
                requireReadCommitted(pool);
            }
            if (pool.getExceptionOverride() == null) {
                pool.setExceptionOverride(new BrokenConnections());
            }
            requireUsable(pool);
        }
        return bean;
    }

    /** The class of the driver is that of spring.datasource.url, which the pool's own URL may replace. */
    private static void useDriver(HikariDataSource pool, Driver driver) {
        boolean other = DriverManager.drivers()
                .anyMatch(known -> known.getClass().getName().equals(pool.getDriverClassName())
                        && !accepts(known, String.valueOf(pool.getJdbcUrl())));
        if (other) {
            pool.setDriverClassName(driver.getClass().getName());
        }
    }

    private static boolean accepts(Driver driver, String url) {
        try {
            return driver.acceptsURL(url);
        } catch (SQLException e) {
            return false;
        }
    }

    private static void requireUsable(HikariDataSource pool) {
        if (pool.getDataSourceClassName() != null || pool.getDataSourceJNDI() != null) {
            throw refused(
                    (pool.getDataSourceJNDI() == null ? "data-source-class-name" : "data-source-jndi") + " is set",
                    "the pool would ignore spring.datasource.url",
                    "Remove it, and name the database by its URL.");
        }
        if (pool.isReadOnly()) {
            throw refused("read-only is true", "the services of this application change data", "Remove it.");
        }
        if (pool.getConnectionTimeout() == Integer.MAX_VALUE) {
            throw refused(
                    "connection-timeout is 0",
                    "calls would wait for a connection forever",
                    "Set it to at least 250, in milliseconds.");
        }
    }

    /** Calls expect to see what others have changed before their statements; the database may have another default. */
    private static void requireReadCommitted(HikariDataSource pool) {
        String isolation = pool.getTransactionIsolation();
        if (isolation != null && !isolation.equalsIgnoreCase(ISOLATION)) {
            throw refused(
                    "transaction-isolation is " + isolation,
                    "the services of this application need " + ISOLATION,
                    "Remove it.");
        }
        pool.setTransactionIsolation(ISOLATION);
    }

    private static SettingException refused(String given, String reason, String remedy) {
        return new SettingException("spring.datasource.hikari." + given + ", but " + reason + ".", remedy, null);
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
        } else if (url.startsWith(H2Options.H2)) {
            unpooled = H2Connections.like(unpooled);
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
        requireUrl(setting, url);
        JdbcUrl given = JdbcUrl.postgresql(url);
        String role = given.get(ROLE);
        if (!url.startsWith(POSTGRESQL) || (role != null && !role.equals(STANDBY))) {
            throw new SettingException(
                    setting + " is \"" + JdbcUrl.name(url) + "\"" + (role == null ? "" : " with " + ROLE + "=" + role)
                            + ", which names no standby.",
                    "Write it as jdbc:postgresql://HOST:PORT/DATABASE, with more standbys as HOST:PORT,HOST:PORT.",
                    null);
        }
        PostgresOptions.requireHarmless(setting, given, new Properties());
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
                    URL + " sets " + READ_ONLY + ", but the services of this application change data.",
                    "Remove it.",
                    null);
        }
        PostgresOptions.requireHarmless(URL, url, pool.getDataSourceProperties());
        boolean several = url.hosts().size() > 1;
        bound(pool, url, several ? BOUNDS_OF_SEVERAL : Map.of());
        Properties options = pool.getDataSourceProperties();
        String role = url.get(ROLE);
        if (role == null) {
            role = options.getProperty(ROLE);
        }
        if (role != null && !ROLES.contains(role)) {
            throw new SettingException(
                    URL + " sets " + ROLE + "=" + role
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

    /** To the driver, zero and less mean forever. */
    private static boolean isNoBound(@Nullable String value) {
        return value == null || value.matches("-.*|[0.]+");
    }

    private static void bound(HikariDataSource pool, JdbcUrl url, Map<String, String> bounds) {
        Properties options = pool.getDataSourceProperties();
        BOUNDS.forEach((option, bound) -> {
            if (isNoBound(url.get(option))) {
                url.remove(option);
                if (isNoBound(options.getProperty(option))) {
                    options.setProperty(option, bounds.getOrDefault(option, bound));
                }
            }
        });
        pool.setJdbcUrl(url.toString());
    }

    /** Returns the driver that accepts the URL. */
    static Driver requireUrl(String setting, String url) {
        try {
            Driver driver = DriverManager.getDriver(url);
            if (url.startsWith(POSTGRESQL)) {
                PostgresOptions.requireKnown(setting, JdbcUrl.postgresql(url));
            }
            return driver;
        } catch (SQLException e) {
            throw new SettingException(
                    setting + " is \"" + JdbcUrl.name(url) + "\", which no database driver accepts.",
                    "Write it as jdbc:postgresql://HOST:PORT/DATABASE, with more hosts as HOST:PORT,HOST:PORT,"
                            + " or as jdbc:h2:file:PATH.",
                    e);
        }
    }
}
