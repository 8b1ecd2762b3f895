package dev.greeter.database;

import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** A {@link JdbcTemplate} that registers each statement with the work of the current thread. */
final class CallTemplate extends JdbcTemplate {

    CallTemplate(DataSource dataSource) {
        super(dataSource);
    }

    @Override
    protected void applyStatementSettings(Statement statement) throws SQLException {
        super.applyStatementSettings(statement);
        Work.running(statement);
    }
}
