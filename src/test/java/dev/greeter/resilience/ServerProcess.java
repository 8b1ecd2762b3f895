package dev.greeter.resilience;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The built jar as a process with a port, a directory and a log of its own. */
final class ServerProcess implements AutoCloseable {

    private static final Path JAR =
            Path.of(System.getProperty("greeter.jar", "target/greeter.jar")).toAbsolutePath();
    private static final Path HOME = Path.of("target", "resilience").toAbsolutePath();
    private static final Pattern TOKEN = Pattern.compile("development token.*: (\\S+)$");
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    private final Process process;
    private final int port;
    private final int managementPort;
    private final Path log;

    private ServerProcess(Process process, int port, int managementPort, Path log) {
        this.process = process;
        this.port = port;
        this.managementPort = managementPort;
        this.log = log;
    }

    /** Starts a server on a free port and returns when it is healthy. */
    static ServerProcess start(List<String> jvmOptions, String... arguments) throws Exception {
        return start(freePort(), List.of(), jvmOptions, arguments);
    }

    static ServerProcess start(int port, List<String> launcher, List<String> jvmOptions, String... arguments)
            throws Exception {
        Files.createDirectories(HOME);
        Path directory = Files.createTempDirectory(HOME, "server-");
        Path log = directory.resolve("server.log");
        int managementPort = freePort();
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-jar",
                JAR.toString(),
                "--grpc.server.port=" + port,
                "--server.port=" + managementPort,
                "--greeter.client.enabled=false"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        RUNNING.add(process);
        ServerProcess server = new ServerProcess(process, port, managementPort, log);
        try {
            server.awaitHealthy("");
        } catch (Throwable t) {
            server.close();
            throw t;
        }
        return server;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    void awaitHealthy(String service) throws Exception {
        ManagedChannel channel = channel();
        try {
            long limit = System.nanoTime() + START_LIMIT.toNanos();
            while (System.nanoTime() < limit && process.isAlive()) {
                try {
                    ServingStatus status = HealthGrpc.newBlockingStub(channel)
                            .withWaitForReady()
                            .withDeadlineAfter(Duration.ofMillis(500))
                            .check(HealthCheckRequest.newBuilder()
                                    .setService(service)
                                    .build())
                            .getStatus();
                    if (status == ServingStatus.SERVING) {
                        return;
                    }
                    Thread.sleep(100);
                } catch (StatusRuntimeException e) {
                    channel.resetConnectBackoff();
                }
            }
        } finally {
            channel.shutdownNow();
        }
        throw new IllegalStateException("The server did not start: see " + log);
    }

    /** Returns a plain channel to this server; the caller shuts it down. */
    ManagedChannel channel() {
        return Grpc.newChannelBuilderForAddress("127.0.0.1", port, InsecureChannelCredentials.create())
                .build();
    }

    int port() {
        return port;
    }

    int managementPort() {
        return managementPort;
    }

    /** Returns the token that a server without an issuer prints at its start. */
    String developmentToken() throws IOException {
        return logAfter(0).stream()
                .map(TOKEN::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
    }

    boolean alive() {
        return process.isAlive();
    }

    long logSize() throws IOException {
        return Files.size(log);
    }

    /** Returns the lines after the first {@code offset} bytes of the log: the first MiB of them, as it may be long. */
    List<String> logAfter(long offset) throws IOException {
        try (InputStream in = Files.newInputStream(log)) {
            in.skipNBytes(offset);
            return new String(in.readNBytes(1 << 20), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    /** Returns what of the process is in memory, in MiB. */
    long residentMemory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IllegalStateException("The server is gone");
    }

    /** Sends SIGTERM and returns how the process ended. */
    Stop terminate(Duration limit) throws InterruptedException {
        long begin = System.nanoTime();
        process.destroy();
        return awaitExit(begin, limit);
    }

    Stop awaitExit(Duration limit) throws InterruptedException {
        return awaitExit(System.nanoTime(), limit);
    }

    private Stop awaitExit(long begin, Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("the process still runs after " + limit.toSeconds() + " s");
        }
        return new Stop(process.exitValue(), Duration.ofNanos(System.nanoTime() - begin));
    }

    @Override
    public void close() {
        kill();
    }

    /** Sends SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
        RUNNING.remove(process);
    }

    /** How a process ended, and how long that took. */
    record Stop(int exitCode, Duration duration) {}
}
