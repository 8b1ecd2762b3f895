package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.TestDatabases;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class DatabaseAutoConfigurationTest {

    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(DataSourceAutoConfiguration.class, DatabaseAutoConfiguration.class));

    private final NeedsDatabase service = new NeedsDatabase("stock.v1.Stock", List.of(), Map.of());

    @Test
    void aServiceNeedsNeitherFlywayNorH2() {
        context.withClassLoader(new FilteredClassLoader("org.flywaydb", "org.h2"))
                .withBean(NeedsDatabase.class, () -> service)
                .withPropertyValues(
                        "spring.datasource.url=" + TestDatabases.postgres().get())
                .run(started -> {
                    Database database = started.getBean(Database.class);
                    assertThat(database.read(() -> database.template().queryForObject("select 1", Integer.class)))
                            .isEqualTo(1);
                });
    }

    @Test
    void theRoomIsOffWithoutAServiceThatNeedsTheDatabase() {
        context.withPropertyValues("spring.datasource.url=" + TestDatabases.h2().get())
                .run(started -> assertThat(started).hasNotFailed().doesNotHaveBean(Database.class));
    }

    @Test
    void theRoomIsOffByItsSetting() {
        context.withBean(NeedsDatabase.class, () -> service)
                .withPropertyValues(
                        "spring.datasource.url=" + TestDatabases.h2().get(), "service.database.enabled=false")
                .run(started -> assertThat(started).hasNotFailed().doesNotHaveBean(Database.class));
    }

    @Test
    void connectionsWithoutThePoolAreRefused() {
        context.withBean(NeedsDatabase.class, () -> service)
                .withPropertyValues(
                        "spring.datasource.url=" + TestDatabases.h2().get(),
                        "spring.datasource.type=org.springframework.jdbc.datasource.SimpleDriverDataSource")
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("spring.datasource.type is org.springframework"));
    }
}
