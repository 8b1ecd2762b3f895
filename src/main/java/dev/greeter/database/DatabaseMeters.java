package dev.greeter.database;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** Reports as metrics whether the database can be read and changed. */
final class DatabaseMeters implements MeterBinder {

    private final DatabaseWatch watch;

    DatabaseMeters(DatabaseWatch watch) {
        this.watch = watch;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("service.database.readable", watch, known -> known.state() == State.AWAY ? 0 : 1)
                .description("1 while the database can be read, else 0")
                .register(registry);
        Gauge.builder("service.database.writable", watch, known -> known.state() == State.USABLE ? 1 : 0)
                .description("1 while the database accepts changes, else 0")
                .register(registry);
    }
}
