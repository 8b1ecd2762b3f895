package dev.greeter.database;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Prepares connections without a pool as the pool prepares its own: otherwise they might use another schema. */
final class PreparedConnections extends DelegatingDataSource {

    private final HikariDataSource pool;

    private PreparedConnections(HikariDataSource pool, DataSource connections) {
        super(connections);
        this.pool = pool;
    }

    static DataSource like(HikariDataSource pool, DataSource connections) {
        boolean prepares = pool.getCatalog() != null || pool.getSchema() != null || pool.getConnectionInitSql() != null;
        return prepares ? new PreparedConnections(pool, connections) : connections;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return prepared(super.getConnection());
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return prepared(super.getConnection(username, password));
    }

    private Connection prepared(Connection connection) throws SQLException {
        try {
            if (pool.getCatalog() != null) {
                connection.setCatalog(pool.getCatalog());
            }
            if (pool.getSchema() != null) {
                connection.setSchema(pool.getSchema());
            }
            if (pool.getConnectionInitSql() != null) {
                Sql.execute(connection, pool.getConnectionInitSql());
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
