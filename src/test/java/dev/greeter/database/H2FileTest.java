package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.TestDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How large the file of the shipped H2 URL becomes. */
class H2FileTest {

    /** What a commit appends. */
    private static final long COMMIT_BYTES = 8 * 1024;

    @Test
    void updatesOfOneRowUseTheirSpaceAgain() throws SQLException, IOException {
        Path file;
        try (Connection connection = DriverManager.getConnection(
                        String.valueOf(TestDatabases.h2().get()));
                Statement statement = connection.createStatement()) {
            statement.execute("create table numbers (id int primary key, number bigint)");
            statement.execute("insert into numbers values (1, 0)");
            file = Path.of(path(statement) + ".mv.db");
            long updates = 0;
            long end = System.nanoTime() + Duration.ofSeconds(8).toNanos();
            try (PreparedStatement update =
                    connection.prepareStatement("update numbers set number = number + 1 where id = 1")) {
                while (System.nanoTime() < end) {
                    updates += update.executeUpdate();
                }
            }

            assertThat(Files.size(file)).isLessThan(updates * COMMIT_BYTES * 3 / 5);
        }

        assertThat(Files.size(file)).isLessThan(100 * 1024);
    }

    private static String path(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("select database_path()")) {
            row.next();
            return row.getString(1);
        }
    }
}
