package dev.greeter.resilience;

import dev.greeter.test.Command;
import dev.greeter.test.ExtractedJar;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The built jar as a process with its own port, directory and log. */
final class ServerProcess implements AutoCloseable {

    private static final Path HOME = Path.of("target", "resilience").toAbsolutePath();
    private static final Pattern TOKEN = Pattern.compile("development token.*: (\\S+)$");
    private static final Pattern PORT = Pattern.compile("gRPC Server started.* port: (\\d+)$");
    private static final Pattern MANAGEMENT_PORT = Pattern.compile("Tomcat started on port (\\d+)");
    private static final Pattern WEB_PORT = Pattern.compile("Web port open.* port: (\\d+)$");
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    private final Process process;
    private final String address;
    private final Path log;
    private int port;
    private int managementPort;
    private int webPort;

    private ServerProcess(Process process, String address, Path log) {
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /** Returns the parent of the directories of the servers and their databases. */
    static Path home() throws IOException {
        return Files.createDirectories(HOME);
    }

    /** Starts a server on a free port and returns when it is healthy. */
    static ServerProcess start(List<String> jvmOptions, String... arguments) throws Exception {
        return start(0, List.of(), jvmOptions, arguments);
    }

    /** Starts a server on this port, or on a free one for 0, and returns when it is healthy. */
    static ServerProcess start(int port, List<String> launcher, List<String> jvmOptions, String... arguments)
            throws Exception {
        return start("127.0.0.1", port, launcher, jvmOptions, arguments);
    }

    /** Starts a server that has this address where its launcher runs it, and returns when it is healthy. */
    static ServerProcess start(
            String address, int port, List<String> launcher, List<String> jvmOptions, String... arguments)
            throws Exception {
        Path directory = Files.createTempDirectory(home(), "server-");
        Path log = directory.resolve("server.log");
        List<String> command = new ArrayList<>(launcher);
        command.addAll(ExtractedJar.command(jvmOptions));
        command.addAll(List.of("--grpc.server.port=" + port, "--service.web.port=0", "--greeter.client.enabled=false"));
        command.addAll(List.of(arguments));
        if (Stream.of(arguments).noneMatch(argument -> argument.startsWith("--server.port="))) {
            command.add("--server.port=0");
        }
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        RUNNING.add(process);
        ServerProcess server = new ServerProcess(process, address, log);
        try {
            server.awaitStart();
        } catch (Throwable t) {
            server.close();
            throw t;
        }
        return server;
    }

    /** Reads the ports of the server from the log: a port chosen before its start may be in use by then. */
    private void awaitStart() throws Exception {
        // The web port is the last to open.
        await(() -> find(WEB_PORT, logAfter(0)).isPresent());
        List<String> lines = logAfter(0);
        port = Integer.parseInt(find(PORT, lines).orElseThrow());
        managementPort = Integer.parseInt(find(MANAGEMENT_PORT, lines).orElseThrow());
        webPort = Integer.parseInt(find(WEB_PORT, lines).orElseThrow());
        awaitHealthy("");
    }

    void awaitHealthy(String service) throws Exception {
        ManagedChannel channel = channel();
        try {
            await(() -> serves(channel, service));
        } finally {
            channel.shutdownNow();
        }
    }

    private static boolean serves(ManagedChannel channel, String service) {
        try {
            return HealthGrpc.newBlockingStub(channel)
                            .withWaitForReady()
                            .withDeadlineAfter(Duration.ofMillis(500))
                            .check(HealthCheckRequest.newBuilder()
                                    .setService(service)
                                    .build())
                            .getStatus()
                    == ServingStatus.SERVING;
        } catch (StatusRuntimeException e) {
            channel.resetConnectBackoff();
            return false;
        }
    }

    private void await(Callable<Boolean> done) throws Exception {
        long limit = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < limit && process.isAlive()) {
            if (done.call()) {
                return;
            }
            Thread.sleep(100);
        }
        List<String> lines = logAfter(0);
        throw new IllegalStateException("The server did not start:\n    "
                + String.join("\n    ", lines.subList(Math.max(0, lines.size() - 10), lines.size())));
    }

    /** Returns a plain channel to this server; the caller shuts it down. */
    ManagedChannel channel() {
        return Grpc.newChannelBuilderForAddress(address, port, InsecureChannelCredentials.create())
                .build();
    }

    int port() {
        return port;
    }

    int webPort() {
        return webPort;
    }

    int managementPort() {
        return managementPort;
    }

    /** Returns the token that a server without an issuer prints at its start. */
    String developmentToken() throws IOException {
        return find(TOKEN, logAfter(0)).orElseThrow();
    }

    private static Optional<String> find(Pattern pattern, List<String> lines) {
        return lines.stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst();
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

    /** Returns the resident memory of the process in MiB, without pages of files, which the kernel may take back. */
    long residentMemory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status"))) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IllegalStateException("The server is gone");
    }

    /** Returns the CPU time that the process has used. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Sends a signal by its option of kill, as {@code -STOP}. */
    void signal(String signal) throws IOException {
        Command.run(List.of("kill", signal, String.valueOf(process.pid())));
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
