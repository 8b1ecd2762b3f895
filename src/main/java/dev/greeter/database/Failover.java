package dev.greeter.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Connects to the first of several PostgreSQL servers that has the role of {@code targetServerType}, beginning with the
 * last that had it. Each has its own time: the driver divides one time among all, of which a first server that does not
 * answer leaves nothing.
 */
final class Failover extends AbstractDataSource {

    private final List<JdbcUrl> hosts;
    private final List<String> roles;
    private final Properties options;
    private final AtomicInteger last;

    /** @param role the value of {@code targetServerType} */
    Failover(JdbcUrl url, String role, Properties options) {
        this(url.hosts(), roles(role), options, new AtomicInteger());
        if (role.equals("secondary")) {
            // Processes with the same URL share the load among the standbys.
            last.set(ThreadLocalRandom.current().nextInt(hosts.size()));
        }
    }

    private Failover(List<JdbcUrl> hosts, List<String> roles, Properties options, AtomicInteger last) {
        this.hosts = hosts;
        this.roles = roles;
        this.options = options;
        this.last = last;
    }

    /** Returns connections to the same servers with other options. */
    Failover with(JdbcUrl url, Properties others) {
        return new Failover(url.hosts(), roles, others, last);
    }

    private static List<String> roles(String role) {
        return switch (role) {
            case "preferPrimary" -> List.of("primary", "any");
            case "preferSecondary" -> List.of("secondary", "any");
            default -> List.of(role);
        };
    }

    @Override
    public Connection getConnection() throws SQLException {
        return connect(options);
    }

    @Override
    public Connection getConnection(@Nullable String username, @Nullable String password) throws SQLException {
        Properties login = new Properties();
        login.putAll(options);
        if (username != null) {
            login.setProperty("user", username);
        }
        if (password != null) {
            login.setProperty("password", password);
        }
        return connect(login);
    }

    private Connection connect(Properties login) throws SQLException {
        List<String> failures = new ArrayList<>();
        int first = last.get();
        for (String role : roles) {
            for (int i = 0; i < hosts.size(); i++) {
                int host = (first + i) % hosts.size();
                JdbcUrl url = hosts.get(host);
                try {
                    Connection connection = DriverManager.getConnection(url.with("targetServerType", role), login);
                    last.set(host);
                    return connection;
                } catch (SQLException e) {
                    failures.add(JdbcUrl.name(url.toString()) + ": " + Problems.text(e));
                }
            }
        }
        throw new SQLException(String.join("; ", failures), "08001");
    }

    /** Does nothing: the driver has the limit as an option. */
    @Override
    public void setLoginTimeout(int seconds) {}
}
