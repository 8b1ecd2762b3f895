package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.test.SmallDisk;
import dev.greeter.test.TestDatabases;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.h2.store.fs.FilePath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

/** What becomes of the file of an H2 database: its size, and its content on a disk that is full. */
class H2FileTest {

    private static final String INSERT = "insert into numbers values (?, 0, ?)";
    private static final String UPDATE = "update numbers set number = number + 1 where id = ?";
    private static final int COMMIT_BYTES = 8 * 1024;
    private static final int COMMITS = 4_000;

    @Test
    void updatesOfOneRowUseTheirSpaceAgain() throws SQLException, IOException {
        try (Connection connection =
                connect(url(String.valueOf(TestDatabases.h2().get())))) {
            createTable(connection);
            insert(connection, 1);
            Path file = Path.of(Sql.query(connection, "select database_path()").replace("service:", "") + ".mv.db");
            long end = System.nanoTime() + Duration.ofSeconds(12).toNanos();
            long updates = 0;
            while (System.nanoTime() < end) {
                update(connection, 1);
                updates++;
            }

            assertThat(Files.size(file)).isLessThan(updates * COMMIT_BYTES * 4 / 5);
        }
    }

    /** H2 2.4.240 may give a database up on a full disk, and keep the file open and locked. */
    @Test
    void aFileThatIsOpenButNotUsedIsOpenedAgain(@TempDir Path folder) throws IOException {
        H2FilePath.url("jdbc:h2:file:./data/users");
        FilePath path = FilePath.get("service:" + folder.resolve("users.mv.db"));
        try (FileChannel givenUp = path.open("rw")) {
            assertThat(givenUp.tryLock(0, Long.MAX_VALUE, false)).isNotNull();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofSeconds(1))
                    .ignoreException(OverlappingFileLockException.class)
                    .until(() -> canBeLocked(path));

            assertThat(givenUp.isOpen()).isFalse();
        }
    }

    @Test
    void aFileThatIsUsedStaysOpen(@TempDir Path folder) throws IOException {
        H2FilePath.url("jdbc:h2:file:./data/users");
        FilePath path = FilePath.get("service:" + folder.resolve("users.mv.db"));
        try (FileChannel used = path.open("rw")) {
            assertThat(used.tryLock(0, Long.MAX_VALUE, false)).isNotNull();
            assertThatThrownBy(() -> canBeLocked(path)).isInstanceOf(OverlappingFileLockException.class);
            assertThat(used.isOpen()).isTrue();
        }
    }

    @Test
    void aFileThatIsTooShortIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("users.mv.db"), new byte[3_000]);

        assertThatThrownBy(() -> connect(url("jdbc:h2:file:" + folder.resolve("users"))))
                .hasStackTraceContaining("Reading from file " + file + " ");
    }

    private static boolean canBeLocked(FilePath path) throws IOException {
        try (FileChannel again = path.open("rw");
                FileLock lock = again.tryLock(0, Long.MAX_VALUE, false)) {
            return lock != null;
        }
    }

    @Test
    void aStopLeavesASmallFile() throws SQLException, IOException {
        String url = url(String.valueOf(TestDatabases.h2().get()));
        try (Connection connection = connect(url)) {
            createTable(connection);
            for (int id = 0; id < COMMITS; id++) {
                insert(connection, id);
            }
            Path file = Path.of(Sql.query(connection, "select database_path()").replace("service:", "") + ".mv.db");
            assertThat(Files.size(file)).isGreaterThan(16L * 1024 * 1024);

            Dialect.H2.leave(connection);

            assertThat(Files.size(file)).isLessThan(1024 * 1024);
        }
        try (Connection connection = connect(url)) {
            assertThat(Sql.query(connection, "select count(*) from numbers")).isEqualTo(String.valueOf(COMMITS));
        }
    }

    @Test
    void aDatabaseThatIsClosedAndOpenedOnAFullDiskLosesNothing() throws Exception {
        Optional<SmallDisk> mounted = SmallDisk.mount();
        assumeThat(mounted).as("root can mount").isPresent();
        try (SmallDisk disk = mounted.orElseThrow()) {
            losesNothing(disk);
        }
    }

    @Test
    void aFileThatIsDeletedOrReplacedIsNotUsedAnyMore(@TempDir Path folder) throws SQLException, IOException {
        String url = url("jdbc:h2:file:" + folder.resolve("numbers") + ";USER=test");
        Path file = folder.resolve("numbers.mv.db");
        Path copy = folder.resolve("copy");
        try (Connection connection = connect(url)) {
            createTable(connection);
        }
        Files.copy(file, copy);
        Connection replaced = connect(url);
        Dialect.H2.requireSameFile(replaced);
        insert(replaced, 1);
        Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> Dialect.H2.requireSameFile(replaced)).hasMessage("its file was deleted or replaced");

        Connection deleted = connect(url);
        assertThat(Sql.query(deleted, "select count(*) from numbers")).isEqualTo("0");
        Files.delete(file);
        assertThatThrownBy(() -> Dialect.H2.requireSameFile(deleted)).hasMessage("its file was deleted or replaced");
        assertThatThrownBy(() -> insert(deleted, 1)).isInstanceOf(SQLException.class);
    }

    private static void losesNothing(SmallDisk disk) throws Exception {
        String url = url("jdbc:h2:file:" + disk.directory() + "/numbers;USER=test");
        int rows = 0;
        long updates = 0;
        for (int round = 0; round < 4; round++) {
            disk.free();
            Connection connection = connect(url);
            if (round == 0) {
                createTable(connection);
            }
            for (int i = 0; i < COMMITS; i++) {
                if (i % 3 == 0) {
                    insert(connection, rows++);
                } else {
                    update(connection, i % rows);
                    updates++;
                }
            }
            disk.fill();
            isDone(connection::close);
            for (int opened = 0; opened < 3; opened++) {
                Connection again = connectOnFullDisk(url);
                assertThat(Sql.query(again, "select count(*) || ' ' || sum(number) from numbers"))
                        .isEqualTo(rows + " " + updates);
                if (isDone(() -> update(again, 0))) {
                    updates++;
                }
                isDone(again::close);
            }
        }
        disk.free();
        try (Connection connection = connect(url)) {
            // The last one to open it may have done so for reading.
            Dialect.H2.reopens(connection);
        }
        try (Connection connection = connect(url)) {
            insert(connection, rows);
        }
    }

    private static String url(String url) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        StaticListableBeanFactory beans = new StaticListableBeanFactory(Map.of());
        new ConnectionOptions(beans.getBeanProvider(NeedsDatabase.class)).postProcessBeforeInitialization(pool, "pool");
        return pool.getJdbcUrl();
    }

    private static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(url);
    }

    /** To open the file may be to complete what was begun, which fails; the next time it is opened for reading only. */
    private static Connection connectOnFullDisk(String url) throws SQLException {
        try {
            return connect(url);
        } catch (SQLException full) {
            assertThat(SqlProblem.of(full)).isEqualTo(SqlProblem.READ_ONLY);
            return connect(url);
        }
    }

    private static void createTable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table numbers (id int primary key, number bigint, random uuid unique)");
        }
    }

    private static void insert(Connection connection, int id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setInt(1, id);
            statement.setObject(2, UUID.randomUUID());
            statement.executeUpdate();
        }
    }

    private static void update(Connection connection, int id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
            statement.setInt(1, id);
            statement.executeUpdate();
        }
    }

    /** Does what may find the disk full, and returns whether it did not. */
    private static boolean isDone(SqlAction action) {
        try {
            action.run();
            return true;
        } catch (SQLException full) {
            assertThat(SqlProblem.of(full)).isEqualTo(SqlProblem.READ_ONLY);
            return false;
        }
    }

    private interface SqlAction {
        void run() throws SQLException;
    }
}
