package dev.greeter.database;

import java.util.List;
import java.util.Map;

/**
 * Bean by which a feature declares that one of its gRPC services needs the data source: the service is NOT_SERVING
 * while the database cannot be read or accepts no changes.
 *
 * @param service full name of the service
 * @param tables tables that have to exist before the service can serve
 * @param h2Options options of an H2 URL that the statements of the service require
 * @param probes statements that change nothing but need the privileges and locks of the service's changes, such as
 *     {@code update items set name = name where false}; one that fails means that the database accepts no changes
 */
public record NeedsDatabase(String service, List<String> tables, Map<String, String> h2Options, List<String> probes) {

    public NeedsDatabase {
        tables = List.copyOf(tables);
        h2Options = Map.copyOf(h2Options);
        probes = List.copyOf(probes);
    }

    /** Without probes. */
    public NeedsDatabase(String service, List<String> tables, Map<String, String> h2Options) {
        this(service, tables, h2Options, List.of());
    }
}
