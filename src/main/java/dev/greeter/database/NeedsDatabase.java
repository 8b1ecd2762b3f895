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
 */
public record NeedsDatabase(String service, List<String> tables, Map<String, String> h2Options) {

    public NeedsDatabase {
        tables = List.copyOf(tables);
        h2Options = Map.copyOf(h2Options);
    }
}
