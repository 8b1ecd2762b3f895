package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.start.SettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/** The resulting URL, user name and pool of a data source. */
@ExtendWith(OutputCaptureExtension.class)
class ConnectionOptionsTest {

    @Test
    void noWaitForPostgresqlIsWithoutABound() {
        HikariDataSource pool = prepared("jdbc:postgresql://host/users?socketTimeout=0&loginTimeout=7", null);

        assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:postgresql://host/users?loginTimeout=7");
        assertThat(pool.getDataSourceProperties())
                .containsEntry("socketTimeout", "60")
                .containsEntry("connectTimeout", "3")
                .containsEntry("cancelSignalTimeout", "2")
                .containsEntry("tcpKeepAlive", "true")
                .doesNotContainKey("loginTimeout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "0.0"})
    void whatTheDriverTakesAsForeverIsReplaced(String forever) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://host/users?loginTimeout=" + forever);
        pool.addDataSourceProperty("socketTimeout", forever);

        assertThat(prepare(pool).getDataSourceProperties())
                .containsEntry("loginTimeout", "3")
                .containsEntry("socketTimeout", "60");
    }

    @Test
    void theWatchOfPostgresqlHasTheBoundOfACheckWhateverTheUrlSays() {
        HikariDataSource pool = prepared("jdbc:postgresql://host/users?socketTimeout=600&ssl=false", null);

        SimpleDriverDataSource unpooled =
                (SimpleDriverDataSource) ConnectionOptions.unpooled(pool, Duration.ofSeconds(2));

        assertThat(unpooled.getUrl()).isEqualTo("jdbc:postgresql://host/users?ssl=false");
        assertThat(unpooled.getConnectionProperties()).containsEntry("socketTimeout", "2");
    }

    @Test
    void eachOfSeveralServersHasLessTime() {
        HikariDataSource pool = prepared("jdbc:postgresql://one:1,two:2/users?user=a", null);

        assertThat(pool.getDataSource()).isInstanceOf(Failover.class);
        assertThat(pool.getDataSourceProperties())
                .containsEntry("connectTimeout", "1")
                .containsEntry("loginTimeout", "2")
                .containsEntry("socketTimeout", "60");
        assertThat(ConnectionOptions.unpooled(pool, Duration.ofSeconds(2))).isInstanceOf(Failover.class);
        assertThat(ConnectionOptions.name(pool)).isEqualTo("jdbc:postgresql://one:1,two:2/users");
    }

    @Test
    void aServerWithoutTheRoleIsNotUsedAndNamed() {
        HikariDataSource pool = prepared("jdbc:postgresql://127.0.0.1:1,127.0.0.2:1/users?password=secret", null);

        assertThatThrownBy(() -> pool.getDataSource().getConnection())
                .isInstanceOfSatisfying(
                        SQLException.class,
                        failure -> assertThat(SqlProblem.of(failure)).isEqualTo(SqlProblem.AWAY))
                .hasMessageContaining("//127.0.0.1:1/users: Connection refused")
                .hasMessageContaining("//127.0.0.2:1/users: Connection refused")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"secondary", "preferSecondary", "leader"})
    void aRoleThatAcceptsNoChangesIsRefused(String role) {
        assertThatThrownBy(() -> prepared("jdbc:postgresql://one,two/users?targetServerType=" + role, null))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("targetServerType=" + role);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://one/users?targetServerType=any", "jdbc:h2:mem:users", "one/users"})
    void aUrlOfStandbysThatNamesNoneIsRefused(String url) {
        HikariDataSource pool = prepared("jdbc:postgresql://one/users", null);

        assertThatThrownBy(() -> ConnectionOptions.standbys(pool, "x.read-url", url))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("x.read-url");
    }

    @Test
    void standbysHaveTheLoginOfThePrimary() {
        HikariDataSource pool = prepared("jdbc:postgresql://one/users", "somebody");
        pool.setMaximumPoolSize(7);

        try (HikariDataSource standbys =
                ConnectionOptions.standbys(pool, "x.read-url", "jdbc:postgresql://two,three/users")) {
            assertThat(standbys.getUsername()).isEqualTo("somebody");
            assertThat(standbys.getMaximumPoolSize()).isEqualTo(7);
            assertThat(standbys.getDataSourceProperties()).containsEntry("socketTimeout", "10");
        }
    }

    @Test
    void h2GetsWhatItsServicesNeed() {
        HikariDataSource pool = prepared("jdbc:h2:file:./data/users;USER=greeter;mode=postgresql", "somebody");

        assertThat(pool.getJdbcUrl())
                .startsWith("jdbc:h2:service:./data/users;mode=postgresql;")
                .contains("WRITE_DELAY=0", "DB_CLOSE_ON_EXIT=FALSE", "MAX_COMPACT_TIME=0", "RETENTION_TIME=2000")
                .doesNotContain("USER");
    }

    @Test
    void theNameOfTheDatabaseIsThatOfItsUrl() {
        assertThat(ConnectionOptions.name(prepared("jdbc:h2:./data/users;USER=greeter", null)))
                .isEqualTo("jdbc:h2:file:./data/users");
    }

    @Test
    void aFileThatH2CannotCreateIsReportedInOneLine(@TempDir Path folder, CapturedOutput output) throws IOException {
        Path file = Files.writeString(folder.resolve("data"), "not a folder");
        DataSource unpooled = ConnectionOptions.unpooled(
                prepared("jdbc:h2:file:" + file + "/users;USER=greeter", null), Duration.ofSeconds(2));

        assertThatThrownBy(unpooled::getConnection)
                .extracting(Problems::text)
                .asString()
                .contains(file.toString(), "(spring.datasource.url)")
                .hasLineCount(1);
        assertThat(output.getAll()).isEmpty();
    }

    @Test
    void anOptionOfH2ThatChangesAnswersIsRefused() {
        assertThatThrownBy(() -> prepared("jdbc:h2:file:./data/users;MODE=Oracle", null))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("spring.datasource.url sets MODE=Oracle")
                .hasMessageContaining("MODE=PostgreSQL");
        assertThatThrownBy(() -> prepared("jdbc:h2:file:./data/users;WRITE_DELAY=500", null))
                .hasMessageContaining("WRITE_DELAY=0");
    }

    @Test
    void aDatabaseInMemoryLivesAsLongAsTheProcess() {
        assertThat(prepared("jdbc:h2:mem:users", null).getJdbcUrl()).contains(";DB_CLOSE_DELAY=-1");
        assertThat(prepared("jdbc:h2:mem:users;db_close_delay=60", null).getJdbcUrl())
                .contains(";db_close_delay=60")
                .doesNotContain("-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:h2:mem:", "jdbc:h2:mem:;MODE=PostgreSQL"})
    void aDatabaseInMemoryThatEachConnectionWouldHaveForItselfIsRefused(String url) {
        assertThatThrownBy(() -> prepared(url, null))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("spring.datasource.url is \"" + url + "\"");
    }

    @Test
    void connectionsWithoutAPoolArePreparedLikeThoseOfThePool() throws SQLException {
        HikariDataSource pool = prepared("jdbc:h2:mem:prepared;INIT=create schema if not exists app", "somebody");
        pool.setSchema("APP");
        pool.setConnectionInitSql("set @initialized = 1");

        try (Connection connection =
                ConnectionOptions.unpooled(pool, Duration.ofSeconds(2)).getConnection()) {
            assertThat(connection.getSchema()).isEqualTo("APP");
            assertThat(Sql.query(connection, "select @initialized")).isEqualTo("1");
        }
    }

    @Test
    void aWaitForAConnectionWithoutABoundIsRefused() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://host/users");
        pool.setConnectionTimeout(0);

        assertThatThrownBy(() -> prepare(pool))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("spring.datasource.hikari.connection-timeout is 0");
    }

    @Test
    void connectionsThatAcceptNoChangesAreRefused() {
        assertThatThrownBy(() -> prepared("jdbc:postgresql://host/users?readOnly=true", null))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("spring.datasource.url sets readOnly");
    }

    @Test
    void aReadOnlyPoolIsRefused() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://host/users");
        pool.setReadOnly(true);

        assertThatThrownBy(() -> prepare(pool)).hasMessageContaining("spring.datasource.hikari.read-only");
    }

    @Test
    void anIsolationWithOtherAnswersIsRefusedAndTheOneOfTheDatabaseReplaced() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://host/users");
        pool.setTransactionIsolation("TRANSACTION_READ_UNCOMMITTED");

        assertThatThrownBy(() -> prepare(pool))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("spring.datasource.hikari.transaction-isolation is TRANSACTION_READ_UNCOMMITTED");
        assertThat(prepared("jdbc:postgresql://host/users", null).getTransactionIsolation())
                .isEqualTo("TRANSACTION_READ_COMMITTED");
    }

    @Test
    void theDriverIsThatOfTheUrlOfThePool() {
        HikariDataSource pool = new HikariDataSource();
        pool.setDriverClassName("org.h2.Driver");
        pool.setJdbcUrl("jdbc:postgresql://host/users");

        assertThat(prepare(pool).getDriverClassName()).isEqualTo("org.postgresql.Driver");
    }

    @Test
    void aPoolThatIgnoresItsUrlIsRefused() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://host/users");
        pool.setDataSourceClassName("org.postgresql.ds.PGSimpleDataSource");

        assertThatThrownBy(() -> prepare(pool))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("spring.datasource.hikari.data-source-class-name");
    }

    private static HikariDataSource prepared(String url, @Nullable String username) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(username);
        return prepare(pool);
    }

    private static HikariDataSource prepare(HikariDataSource pool) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory(
                Map.of("needs", new NeedsDatabase("users", List.of(), Map.of("MODE", "PostgreSQL"))));
        return (HikariDataSource) new ConnectionOptions(beans.getBeanProvider(NeedsDatabase.class))
                .postProcessBeforeInitialization(pool, "dataSource");
    }
}
