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
}
