package dev.greeter.users;

import dev.greeter.test.TestDatabases;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The User service on H2. */
class UserServiceOnH2Test extends UserServiceContract {

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry settings) {
        settings.add("service.database.start-timeout", () -> "60s");
        settings.add("spring.datasource.url", TestDatabases.h2());
    }

    @Override
    int waitingInserts() {
        return jdbc.sql("select count(*) from information_schema.sessions"
                        + " where executing_statement like 'insert into users%'")
                .query(Integer.class)
                .single();
    }
}
