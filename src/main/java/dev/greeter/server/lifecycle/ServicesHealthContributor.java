package dev.greeter.server.lifecycle;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Reports over HTTP the health of each service, as the gRPC health service does. */
final class ServicesHealthContributor implements CompositeHealthContributor {

    private static final Health SERVING = Health.up().build();

    /** A status that Spring Boot does not rank: an unavailable service does not make the whole server unavailable. */
    private static final Health NOT_SERVING = Health.status("NOT_SERVING").build();

    private final ServiceHealth health;

    ServicesHealthContributor(ServiceHealth health) {
        this.health = health;
    }

    @Override
    public Stream<Entry> stream() {
        return health.services().stream().map(service -> new Entry(service, indicator(service)));
    }

    @Override
    public @Nullable HealthContributor getContributor(String service) {
        return health.services().contains(service) ? indicator(service) : null;
    }

    private HealthIndicator indicator(String service) {
        return () -> health.serves(service) ? SERVING : NOT_SERVING;
    }
}
