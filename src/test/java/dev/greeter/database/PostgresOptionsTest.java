package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.start.SettingException;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of a URL of PostgreSQL that the driver would ignore, and those that would change answers. */
class PostgresOptionsTest {

    private static final String SETTING = "spring.datasource.url";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    sslMode=require                     | sets sslMode, which the driver does not know | did you mean sslmode?
                    useSSL=true                         | sets useSSL, which the driver does not know  | did you mean ssl?
                    ssl=yes                             | sets ssl=yes, which is none of true, false   | Correct
                    tcpKeepAlive                        | sets tcpKeepAlive=, which is none of         | Correct
                    autosave=sometimes                  | sets autosave=sometimes, which is none of always, never, conservative | Correct
                    sslmode=verify                      | sets sslmode=verify, which is none of disable, allow | Correct
                    prepareThreshold=often              | sets prepareThreshold=often, which is not a number | Correct
                    socketTimeout=60s                   | sets socketTimeout=60s, which is not a number | Correct
                    preferQueryMode=simple              | sets preferQueryMode=simple, but an export   | Remove it
                    maxResultBuffer=1M                  | sets maxResultBuffer=1M, but a large page    | Remove it
                    replication=database                | sets replication=database, but such a session | Remove it
                    options=-c%20synchronous_commit=off | sets options=-c synchronous_commit=off, but what is acknowledged | Remove it
                    """)
    void anOptionIsRefusedInASentenceThatNamesIt(String option, String problem, String remedy) {
        assertThatThrownBy(() -> check("jdbc:postgresql://host/users?ApplicationName=a&" + option, new Properties()))
                .isInstanceOfSatisfying(
                        SettingException.class,
                        refused -> assertThat(refused.remedy()).contains(remedy))
                .hasMessageContaining(SETTING + " " + problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "autosave=ALWAYS&cleanupSavepoints=true",
                "preferQueryMode=extendedCacheEverything",
                "stringtype=unspecified&currentSchema=app,public",
                "ssl",
                "ssl=true&sslmode=verify-full&sslrootcert=/ca.pem",
                "prepareThreshold=-1&binaryTransfer=false&loginTimeout=2.5",
                "requireAuth=scram-sha-256,!md5",
                "options=-c%20statement_timeout=5s%20-c%20synchronous_commit=on",
                "user=a&password=b%26c",
                "host=other&port=5433",
                "socketFactory=com.example.Sockets&cloudSqlInstance=a:b:c"
            })
    void otherOptionsAreAccepted(String options) {
        assertThatCode(() -> check("jdbc:postgresql://one,two/users?" + options, new Properties()))
                .doesNotThrowAnyException();
    }

    @Test
    void theOptionsOfThePoolAreCheckedAsWell() {
        Properties unknown = new Properties();
        unknown.setProperty("sockettimeout", "5");
        Properties simple = new Properties();
        simple.setProperty("preferQueryMode", "simple");

        assertThatThrownBy(() -> check("jdbc:postgresql://host/users", unknown))
                .hasMessageContaining("spring.datasource.hikari.data-source-properties sets sockettimeout");
        assertThatThrownBy(() -> check("jdbc:postgresql://host/users", simple))
                .hasMessageContaining("spring.datasource.hikari.data-source-properties sets preferQueryMode=simple");
    }

    private static void check(String url, Properties others) {
        PostgresOptions.requireKnown(SETTING, JdbcUrl.postgresql(url));
        PostgresOptions.requireHarmless(SETTING, JdbcUrl.postgresql(url), others);
    }
}
