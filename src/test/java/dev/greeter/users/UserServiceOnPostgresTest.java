package dev.greeter.users;

import dev.greeter.test.TestDatabases;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The User service on PostgreSQL. */
class UserServiceOnPostgresTest extends UserServiceContract {

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry settings) {
        settings.add("service.database.start-timeout", () -> "60s");
        settings.add("spring.datasource.url", TestDatabases.postgres());
    }

    @Override
    int waitingInserts() {
        return jdbc.sql("select count(*) from pg_stat_activity where datname = current_database()"
                        + " and wait_event_type = 'Lock' and query like 'insert into users%'")
                .query(Integer.class)
                .single();
    }
}
