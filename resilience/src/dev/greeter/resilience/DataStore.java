package dev.greeter.resilience;

import java.io.IOException;
import java.util.List;

/** A database of servers, with its possible faults. */
interface DataStore extends AutoCloseable {

    /** Returns how many servers can share it. */
    int servers();

    /** Returns the command that starts a server in the right place. */
    List<String> launcher();

    /** Returns the settings of a server. */
    List<String> settings();

    List<Fault> faults();

    @Override
    void close() throws IOException;
}
