package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The options of JDBC URLs, as PostgreSQL and H2 write them. */
class JdbcUrlTest {

    @Test
    void optionsOfPostgresqlAreReadAndChanged() {
        JdbcUrl url = JdbcUrl.postgresql("jdbc:postgresql://one:1,two:2/users?ssl=true&socketTimeout=0&user=a%26b");

        url.remove("socketTimeout");

        assertThat(url.get("ssl")).isEqualTo("true");
        assertThat(url.get("SSL")).isNull();
        assertThat(url).hasToString("jdbc:postgresql://one:1,two:2/users?ssl=true&user=a%26b");
    }

    @Test
    void eachHostOfPostgresqlHasAUrl() {
        assertThat(JdbcUrl.postgresql("jdbc:postgresql://one:1,[::1]:2/users?ssl=true")
                        .hosts())
                .hasToString("[jdbc:postgresql://one:1/users?ssl=true, jdbc:postgresql://[::1]:2/users?ssl=true]");
        assertThat(JdbcUrl.postgresql("jdbc:postgresql://one").hosts()).hasToString("[jdbc:postgresql://one]");
        assertThat(JdbcUrl.postgresql("jdbc:postgresql:users").hosts()).hasToString("[jdbc:postgresql:users]");
    }

    @Test
    void optionsOfH2IgnoreCaseAndEscapedSemicolons() {
        JdbcUrl url = JdbcUrl.h2("jdbc:h2:file:./data;mode=Oracle;INIT=create schema a\\;set schema a;");

        url.put("WRITE_DELAY", "0");

        assertThat(url.get("MODE")).isEqualTo("Oracle");
        assertThat(url)
                .hasToString("jdbc:h2:file:./data;mode=Oracle;INIT=create schema a\\;set schema a;WRITE_DELAY=0");
    }

    @Test
    void aUrlWithoutOptionsStaysAsItIs() {
        assertThat(JdbcUrl.postgresql("jdbc:postgresql:users")).hasToString("jdbc:postgresql:users");
        assertThat(JdbcUrl.h2("jdbc:h2:mem:users")).hasToString("jdbc:h2:mem:users");
    }
}
