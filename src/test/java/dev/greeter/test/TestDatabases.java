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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;

/** New databases for tests: H2 as shipped, but each in a directory of the build, and a real PostgreSQL. */
public final class TestDatabases {

    private static @Nullable EmbeddedPostgres postgres;

    private TestDatabases() {}

    /** Returns the URL of a new database, as a registry of properties takes it: it asks again each time it is read. */
    public static Supplier<Object> h2() {
        YamlPropertiesFactoryBean settings = new YamlPropertiesFactoryBean();
        settings.setResources(new ClassPathResource("application.yml"));
        String shipped = Objects.requireNonNull(settings.getObject()).getProperty("spring.datasource.url");
        try {
            Path build = Files.createDirectories(Path.of("target", "h2"));
            String url = shipped.replace("./data", "./" + Files.createTempDirectory(build, ""));
            return () -> url;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the URL of a new database on the server that all tests share. */
    public static synchronized Supplier<Object> postgres() {
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
            String url = server.getJdbcUrl("postgres", name);
            return () -> url;
        } catch (IOException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
