package dev.greeter.resilience;

import java.io.IOException;
import java.util.List;

/** A database under servers, and what can befall it. */
interface DataStore extends AutoCloseable {

    /** Returns how many servers can share it. */
    int servers();

    /** Returns what starts a server in the right place. */
    List<String> launcher();

    /** Returns the settings of a server. */
    List<String> settings();

    List<Fault> faults();

    @Override
    void close() throws IOException;
}
