package dev.greeter.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.test.TestDatabases;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What the changes of the User service need of a PostgreSQL. */
class UserPrivilegesTest {

    private static final String ROLE = "users_role";

    private final String url = String.valueOf(TestDatabases.postgres().get());
    private final JdbcClient administrator = JdbcClient.create(new DriverManagerDataSource(url));
    private final JdbcTemplate service = new JdbcTemplate(new DriverManagerDataSource(url + "&user=" + ROLE));
    private final List<String> probes =
            new UsersConfiguration().userServiceNeedsDatabase().probes();

    @BeforeEach
    void migrate() {
        migrate(url);
        administrator.sql("create role " + ROLE + " login").update();
        administrator.sql("grant all on all tables in schema public to " + ROLE).update();
        administrator
                .sql("grant all on all sequences in schema public to " + ROLE)
                .update();
    }

    @AfterEach
    void dropRole() {
        administrator.sql("drop owned by " + ROLE).update();
        administrator.sql("drop role " + ROLE).update();
    }

    @Test
    void theProbesChangeNothing() {
        long before = time();

        probes.forEach(service::execute);

        assertThat(time()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert on users from users_role",
                "delete on create_requests from users_role",
                "select on page_token_key from users_role",
                "execute on function next_user_time from public",
                "select on user_time from users_role",
                "update on user_time from users_role",
                "all on user_time from users_role"
            })
    void aProbeNoticesEachRevokedPrivilege(String privilege) {
        administrator.sql("revoke " + privilege).update();

        assertThatThrownBy(() -> probes.forEach(service::execute))
                .rootCause()
                .hasMessageContaining("permission denied for");
    }

    @Test
    void aDatabaseThatCannotStoreEveryNameIsRefused() {
        administrator
                .sql("create database ascii encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0")
                .update();

        assertThatThrownBy(() -> migrate(url.replaceFirst("/test_\\w+", "/ascii")))
                .rootCause()
                .hasMessage("its encoding is SQL_ASCII, but names need UTF8");
    }

    private long time() {
        return administrator
                .sql("select last_value from user_time")
                .query(Long.class)
                .single();
    }

    private static void migrate(String url) {
        Flyway.configure()
                .dataSource(new DriverManagerDataSource(url))
                .javaMigrations(new CreationOrderMigration())
                .load()
                .migrate();
    }
}
