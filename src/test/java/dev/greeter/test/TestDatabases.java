package dev.greeter.test;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;

/** New databases for tests: H2 as shipped, but in a directory of its own, and a real PostgreSQL. */
public final class TestDatabases {

    private static @Nullable EmbeddedPostgres postgres;

    private TestDatabases() {}

    public static String h2() {
        YamlPropertiesFactoryBean settings = new YamlPropertiesFactoryBean();
        settings.setResources(new ClassPathResource("application.yml"));
        String shipped = Objects.requireNonNull(settings.getObject()).getProperty("spring.datasource.url");
        try {
            Path directory = Files.createTempDirectory("greeter-h2");
            return shipped.replace("./data", directory.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the URL of a new database of the one server that all tests share. */
    public static synchronized String postgres() {
        try {
            EmbeddedPostgres server = postgres;
            if (server == null) {
                server = EmbeddedPostgres.start();
                postgres = server;
            }
            String name = "test_" + UUID.randomUUID().toString().replace("-", "");
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create database " + name);
            }
            return server.getJdbcUrl("postgres", name);
        } catch (IOException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
