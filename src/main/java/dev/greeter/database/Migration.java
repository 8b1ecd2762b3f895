package dev.greeter.database;

import java.time.Duration;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/** Migrates the schema to the newest version; only statements that change it may take long. */
final class Migration implements Runnable {

    private final Flyway flyway;
    private final DataSource dataSource;
    private final DatabaseSettings settings;

    Migration(Flyway flyway, DataSource dataSource, DatabaseSettings settings) {
        this.flyway = flyway;
        this.dataSource = dataSource;
        this.settings = settings;
    }

    @Override
    public void run() {
        Flyway check = withBound(settings.answerTimeout());
        boolean pending = check.info().pending().length > 0;
        (pending ? withBound(settings.migrationTimeout()) : check).migrate();
    }

    /** Uses connections without a pool, of another user or database if {@code spring.flyway} names one. */
    private Flyway withBound(Duration bound) {
        DataSource given = flyway.getConfiguration().getDataSource();
        if (!dataSource.equals(given) && !(given instanceof SimpleDriverDataSource)) {
            return flyway;
        }
        return Flyway.configure(flyway.getConfiguration().getClassLoader())
                .configuration(flyway.getConfiguration())
                .dataSource(ConnectionOptions.unpooled(given, bound))
                // The watch itself tries again, and sooner.
                .connectRetries(0)
                .load();
    }
}
