package dev.greeter.database;

import java.time.Duration;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

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

    /** Uses connections without a pool, unless {@code spring.flyway.url} sets others. */
    private Flyway withBound(Duration bound) {
        if (!dataSource.equals(flyway.getConfiguration().getDataSource())) {
            return flyway;
        }
        return Flyway.configure(flyway.getConfiguration().getClassLoader())
                .configuration(flyway.getConfiguration())
                .dataSource(ConnectionOptions.unpooled(dataSource, bound))
                .load();
    }
}
