package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.test.SmallDisk;
import dev.greeter.test.TestDatabases;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

/** How transactions of H2 end without a commit. */
class H2ConnectionsTest {

    private static final String COUNT = "select count(*) from numbers";

    @Test
    void aRollbackUndoesAllChangesOfTheTransaction() throws SQLException {
        try (Connection connection = connect(String.valueOf(TestDatabases.h2().get()))) {
            createTable(connection);
            insert(connection, 1);
            connection.setAutoCommit(false);
            insert(connection, 2);
            connection.commit();
            insert(connection, 3);
            connection.rollback();
            insert(connection, 4);
            insert(connection, 5);
            connection.rollback();
            assertThat(Sql.query(connection, COUNT)).isEqualTo("2");

            connection.setAutoCommit(true);
            connection.setAutoCommit(false);
            insert(connection, 6);
            connection.setAutoCommit(false);
            insert(connection, 7);
            connection.rollback();
            connection.setAutoCommit(true);

            assertThat(Sql.query(connection, COUNT)).isEqualTo("2");
        }
    }

    /** Statements that define data commit what was changed before them. */
    @Test
    void aRollbackUndoesWhatFollowsAnImplicitCommit() throws SQLException {
        try (Connection connection = connect(String.valueOf(TestDatabases.h2().get()))) {
            connection.setAutoCommit(false);
            createTable(connection);
            insert(connection, 1);
            connection.rollback();

            assertThat(Sql.query(connection, COUNT)).isEqualTo("0");
        }
    }

    @Test
    void aConnectionThatIsClosedUndoesItsChanges() throws SQLException {
        String url = String.valueOf(TestDatabases.h2().get());
        try (Connection reader = connect(url)) {
            createTable(reader);
            try (Connection connection = connect(url)) {
                connection.setAutoCommit(false);
                insert(connection, 1);
            }
            assertThat(Sql.query(reader, COUNT)).isEqualTo("0");
        }
    }

    /** H2 2.4.240 keeps a transaction whose rollback fails, and may never return from what it does with it later. */
    @Test
    void aRollbackNeedsNoSpace() throws Exception {
        Optional<SmallDisk> mounted = SmallDisk.mount();
        assumeThat(mounted).as("root can mount").isPresent();
        try (SmallDisk disk = mounted.orElseThrow();
                Connection connection = connect("jdbc:h2:file:" + disk.directory() + "/numbers;USER=test")) {
            createTable(connection);
            connection.setAutoCommit(false);
            insert(connection, 1);
            disk.fill();

            connection.rollback();

            assertThat(connection.unwrap(JdbcConnection.class).getSession().hasPendingTransaction())
                    .isFalse();
            disk.free();
        }
    }

    @Test
    void aPasswordWithoutAUserOpensAnEncryptedFile(@TempDir Path folder) throws SQLException {
        try (HikariDataSource pool = pool("jdbc:h2:file:" + folder.resolve("numbers") + ";USER=test;CIPHER=AES")) {
            pool.setPassword("file user");
            prepare(pool);

            assertThat(Sql.query(pool.getConnection(), "select current_user")).isEqualTo("TEST");
        }
    }

    private static Connection connect(String url) throws SQLException {
        HikariDataSource pool = pool(url);
        prepare(pool);
        return pool.getDataSource().getConnection();
    }

    private static HikariDataSource pool(String url) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        return pool;
    }

    private static void prepare(HikariDataSource pool) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory(Map.of());
        new ConnectionOptions(beans.getBeanProvider(NeedsDatabase.class)).postProcessBeforeInitialization(pool, "pool");
    }

    private static void createTable(Connection connection) throws SQLException {
        Sql.execute(connection, "create table numbers (id int primary key)");
    }

    private static void insert(Connection connection, int id) throws SQLException {
        Sql.execute(connection, "insert into numbers values (" + id + ")");
    }
}
