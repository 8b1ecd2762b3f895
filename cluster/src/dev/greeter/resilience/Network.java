package dev.greeter.resilience;

import java.io.IOException;

/** A network of the cluster: a bridge that the hosts are connected to, and on which this process has the address 1. */
enum Network {
    /** Callers, balancers and servers. */
    FRONT("front", "10.27.1."),
    /** Servers and databases. */
    BACK("back", "10.27.2.");

    private final String bridge;
    private final String prefix;

    Network(String bridge, String prefix) {
        this.bridge = bridge;
        this.prefix = prefix;
    }

    void create() throws IOException {
        Host.command("ip", "link", "add", bridge, "type", "bridge");
        Host.command("ip", "address", "add", prefix + "1/24", "dev", bridge);
        Host.command("ip", "link", "set", bridge, "up");
    }

    String bridge() {
        return bridge;
    }

    String address(int host) {
        return prefix + host;
    }
}
