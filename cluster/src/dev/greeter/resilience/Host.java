package dev.greeter.resilience;

import dev.greeter.test.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A host of the cluster: a network namespace with an address on each of its networks. */
final class Host {

    private final String name;
    private final int number;
    private Process slowness;

    /** @param number the last part of its addresses */
    Host(String name, int number, Network... networks) throws IOException {
        this.name = name;
        this.number = number;
        command("ip", "netns", "add", name);
        command("ip", "-n", name, "link", "set", "lo", "up");
        for (Network network : networks) {
            String inside = network.bridge();
            command("ip", "link", "add", link(network), "type", "veth", "peer", "name", inside, "netns", name);
            command("ip", "-n", name, "address", "add", address(network) + "/24", "dev", inside);
            command("ip", "-n", name, "link", "set", inside, "up");
            command("ip", "link", "set", link(network), "master", network.bridge(), "up");
        }
    }

    String name() {
        return name;
    }

    String address(Network network) {
        return network.address(number);
    }

    /** Returns the command that runs another one on this host. */
    List<String> launcher() {
        return List.of("ip", "netns", "exec", name);
    }

    /** Starts a process on this host. */
    Process start(Path log, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(launcher());
        command.addAll(words);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Loses all packets from and to this host on a network. */
    void cut(Network network) throws IOException {
        command("ip", "link", "set", link(network), "down");
    }

    void join(Network network) throws IOException {
        command("ip", "link", "set", link(network), "up");
    }

    /** Delays each frame to and from this host by half of the round trip, and loses some. */
    void slow(Network network, int roundTripMillis, int percentLost) throws IOException {
        String near = name + "-near";
        String far = name + "-far";
        slowness = new ProcessBuilder(
                        "cluster/slow.py",
                        near,
                        far,
                        Integer.toString(roundTripMillis / 2),
                        Integer.toString(percentLost))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (slowness.inputReader().readLine() == null) {
            throw new IOException("cluster/slow.py has ended");
        }
        command("ip", "link", "add", slowBridge(), "up", "type", "bridge");
        command("ip", "link", "set", far, "master", slowBridge(), "up");
        command("ip", "link", "set", near, "master", network.bridge(), "up");
        command("ip", "link", "set", link(network), "master", slowBridge());
    }

    void fast(Network network) throws IOException {
        command("ip", "link", "set", link(network), "master", network.bridge());
        command("ip", "link", "delete", slowBridge());
        slowness.destroy();
    }

    private String slowBridge() {
        return name + "-slow";
    }

    private String link(Network network) {
        return name + "-" + network.bridge();
    }

    static void command(String... words) throws IOException {
        int code = Command.run(List.of(words));
        if (code != 0) {
            throw new IOException(String.join(" ", words) + " ended with " + code);
        }
    }
}
