package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.start.SettingException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of a URL of H2 that would change answers, lose data, or be refused by H2 at each connect. */
class H2OptionsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    jdbc:h2:./users;ACCESS_MODE_DATA=r     | sets ACCESS_MODE_DATA=r, but the services of this application change data
                    jdbc:h2:./users;Auto_Server=true       | sets AUTO_SERVER=true, but its file belongs to one process
                    jdbc:h2:./users;LOCK_TIMEOUT=1         | sets LOCK_TIMEOUT=1, but this application needs at least 1000 ms
                    jdbc:h2:./users;RETENTION_TIME=0       | sets RETENTION_TIME=0, but this application needs at least 2000 ms
                    jdbc:h2:./users;LOCK_TIMEOUT=long      | sets LOCK_TIMEOUT=long, but
                    jdbc:h2:./users;MODE=MySQL             | sets MODE=MySQL, but this application needs MODE=PostgreSQL
                    jdbc:h2:nio:./users                    | is "jdbc:h2:nio:./users", and with H2's file system nio a full disk
                    jdbc:h2:split:nio:./users              | H2's file system split
                    jdbc:h2:./users;LOK_TIMEOUT=2000       | with options that H2 refuses: Unsupported connection setting "LOK_TIMEOUT"
                    jdbc:h2:./users;MODE=PostgreSQL;MODE=x | with options that H2 refuses: Duplicate property "MODE"
                    jdbc:h2:./users;CIPHER=AES             | with options that H2 refuses: Wrong password format
                    """)
    void anOptionIsRefusedInASentenceThatNamesIt(String url, String problem) {
        assertThatThrownBy(() -> prepared(url, null))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith("spring.datasource.url")
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "IFEXISTS=TRUE",
                "LOCK_TIMEOUT=5000",
                "TRACE_LEVEL_FILE=1",
                "CACHE_SIZE=4096;RETENTION_TIME=45000",
                "CIPHER=AES;PASSWORD=file user",
                "ACCESS_MODE_DATA=rw;AUTO_SERVER=FALSE"
            })
    void otherOptionsAreKept(String options) {
        assertThat(prepared("jdbc:h2:./users;" + options, null)).startsWith("jdbc:h2:service:./users;" + options);
    }

    @Test
    void thePasswordOfTheSettingTakesPrecedence() {
        assertThat(prepared("jdbc:h2:./users;USER=a;PASSWORD=b", "c"))
                .contains("USER=a")
                .doesNotContain("PASSWORD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:h2:tcp://localhost/users", "jdbc:h2:C:/users", "jdbc:h2:mem:users"})
    void otherDatabasesAreAccepted(String url) {
        assertThat(prepared(url, null)).startsWith(url);
    }

    private static String prepared(String url, @Nullable String password) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setPassword(password);
        H2Options.prepare(pool, Map.of("MODE", "PostgreSQL"));
        return pool.getJdbcUrl();
    }
}
