package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A PostgreSQL that answers, but not to the changes of a service. */
@ExtendWith(OutputCaptureExtension.class)
class RefusedChangesTest {

    private static final String ROLE = "changes_role";

    private final String url = String.valueOf(TestDatabases.postgres().get());
    private final DriverManagerDataSource limited = new DriverManagerDataSource(url + "&user=" + ROLE);
    private Connection administrator;
    private DatabaseWatch watch;

    @BeforeEach
    void connect() throws SQLException {
        administrator = new DriverManagerDataSource(url).getConnection();
        execute(
                "create table items (name text)",
                "create role " + ROLE + " login",
                "grant all on items to " + ROLE,
                "revoke temporary on database " + administrator.getCatalog() + " from public");
        Duration answer = Duration.ofSeconds(2);
        watch = new DatabaseWatch(
                "items",
                limited,
                Dialect.OTHER,
                () -> {},
                List.of(new NeedsDatabase(
                        "items",
                        List.of("items"),
                        Map.of(),
                        List.of("insert into items select * from items where false", "delete from items where false"))),
                new Pool(limited, Runnable::run),
                event -> {},
                new DatabaseSettings(answer, answer, answer));
        watch.check();
        assertThat(watch.state()).isEqualTo(State.USABLE);
    }

    @AfterEach
    void disconnect() throws SQLException {
        watch.destroy();
        execute("drop owned by " + ROLE, "drop role " + ROLE);
        administrator.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"insert", "delete", "select, insert"})
    void aRevokedPrivilegeIsNoticedUntilItIsGrantedAgain(String privilege, CapturedOutput output) throws SQLException {
        execute("revoke " + privilege + " on items from " + ROLE);
        watch.check();
        assertThat(watch.state()).isEqualTo(State.READ_ONLY);
        watch.check();
        assertThat(output.getOut().lines())
                .filteredOn(line -> line.contains("OutageLog") && line.contains("permission denied for table items"))
                .hasSize(1);

        execute("grant " + privilege + " on items to " + ROLE);
        watch.check();
        assertThat(watch.state()).isEqualTo(State.USABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"access exclusive", "share"})
    void aLockedTableIsNoticedUntilItIsUnlocked(String mode) throws SQLException {
        administrator.setAutoCommit(false);
        execute("lock table items in " + mode + " mode");
        watch.check();
        assertThat(watch.state()).isEqualTo(State.READ_ONLY);

        administrator.setAutoCommit(true);
        watch.check();
        assertThat(watch.state()).isEqualTo(State.USABLE);
    }

    @Test
    void aRefusedChangeIsTriedAgainWithoutThePrivilegeOfTemporaryTables() {
        watch.refusedChange(new SQLException("disk full"));

        Awaitility.await().until(() -> watch.state() == State.USABLE);
    }

    /** As when a file system has become read-only, for which PostgreSQL has the state of a missing privilege. */
    @ParameterizedTest
    @ValueSource(strings = {"create temporary table service_write_probe ", "tablespace other_disk"})
    void aChangeIsTriedOnEachDiskThoughTheProbesPass(String refused) throws SQLException {
        execute(
                "set allow_in_place_tablespaces = true",
                "create tablespace other_disk location ''",
                "grant create on tablespace other_disk to " + ROLE,
                "create index on items (name) tablespace other_disk",
                "grant temporary on database " + administrator.getCatalog() + " to " + ROLE,
                "create function refuse() returns event_trigger language plpgsql as $$ begin"
                        + " if current_query() like '%" + refused + "%' then"
                        + " raise insufficient_privilege using message = 'read-only file system'; end if; end $$",
                "create event trigger refusal on ddl_command_start execute function refuse()");
        try {
            watch.check();
            assertThat(watch.state()).isEqualTo(State.USABLE);

            watch.reconnectNext();
            watch.check();
            assertThat(watch.state()).isEqualTo(State.READ_ONLY);

            execute("drop event trigger refusal");
            watch.check();
            assertThat(watch.state()).isEqualTo(State.USABLE);
        } finally {
            execute("drop table items", "drop tablespace other_disk");
        }
    }

    private void execute(String... statements) throws SQLException {
        try (Statement statement = administrator.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
