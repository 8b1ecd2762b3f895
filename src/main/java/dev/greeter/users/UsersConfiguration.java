package dev.greeter.users;

import dev.greeter.database.Database;
import dev.greeter.database.DatabaseTask;
import dev.greeter.database.NeedsDatabase;
import dev.greeter.database.Standbys;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Stores the users in the database of {@code spring.datasource}. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
@EnableConfigurationProperties(UsersSettings.class)
class UsersConfiguration {

    @Bean
    NeedsDatabase userServiceNeedsDatabase() {
        return new NeedsDatabase(
                UserServiceGrpc.SERVICE_NAME,
                List.of("users", "create_requests", "page_token_key"),
                Map.of(
                        "MODE", "PostgreSQL",
                        "DATABASE_TO_LOWER", "TRUE",
                        "DEFAULT_NULL_ORDERING", "HIGH",
                        "IGNORECASE", "FALSE"),
                List.of(
                        "insert into users select * from users where false",
                        "update users set version = version where false",
                        "delete from users where false",
                        "insert into create_requests select * from create_requests where false",
                        "delete from create_requests where false",
                        "select secret from page_token_key where false",
                        "select next_user_time(1) where false",
                        // Without the privilege, it is refused by the function that needs it.
                        "select setval('user_time', last_value) from user_time"
                                + " where not has_sequence_privilege('user_time', 'UPDATE')"));
    }

    @Bean
    CreationOrderMigration creationOrderMigration() {
        return new CreationOrderMigration();
    }

    @Bean
    PageTokenKeyMigration pageTokenKeyMigration() {
        return new PageTokenKeyMigration();
    }

    @Bean
    Standbys userStandbys(Database database, UsersSettings settings) {
        return Standbys.of(database, "greeter.users.read-url", settings.readUrl());
    }

    @Bean
    UserRepository userRepository(Database database, Standbys standbys) {
        return new UserRepository(database, standbys, Clock.systemUTC());
    }

    @Bean
    UserExports userExports(Database database, Standbys standbys, UserRepository users, UsersSettings settings) {
        return new UserExports(database, standbys, users, settings);
    }

    @Bean
    DatabaseTask exportExpiry(UserExports exports) {
        return new DatabaseTask("export-expiry", Duration.ofSeconds(1), Duration.ofSeconds(30), exports::expire);
    }

    /** Deletes request ids after their retention. */
    @Bean
    DatabaseTask requestRetention(UserRepository users, UsersSettings settings) {
        Clock clock = Clock.systemUTC();
        return new DatabaseTask(
                "request-retention",
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                () -> users.forgetRequestsBefore(clock.instant().minus(settings.requestIdRetention())));
    }
}
