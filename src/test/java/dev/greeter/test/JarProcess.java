package dev.greeter.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.springframework.util.FileSystemUtils;

/** The packaged application as a process, with its output. */
public final class JarProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** A process that lives for seconds starts faster without the optimizing compiler. */
    private static final String QUICK = "-XX:TieredStopAtLevel=1";

    private static final Pattern PORT = Pattern.compile("gRPC Server started, listening on address: .*, port: (\\d+)");

    private static final Pattern WEB_PORT = Pattern.compile("Web port open, listening on address: .*, port: (\\d+)");

    private static final Pattern MANAGEMENT_PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final Process process;
    private final Path directory;
    private final List<String> out = new CopyOnWriteArrayList<>();
    private final List<String> err = new CopyOnWriteArrayList<>();
    private final List<Thread> readers;
    private final Semaphore reading = new Semaphore(1);

    private JarProcess(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
        this.readers = List.of(read(process.getInputStream(), out), read(process.getErrorStream(), err));
    }

    /** Starts the {@link ExtractedJar} with these arguments, in its own directory with its own database. */
    public static JarProcess start(String... arguments) {
        return start(List.of(), arguments);
    }

    /** Starts it with options of the JVM before {@code -jar}. */
    public static JarProcess start(List<String> jvmOptions, String... arguments) {
        return start(Map.of(), jvmOptions, arguments);
    }

    /** Starts it in an environment with these variables. */
    public static JarProcess start(Map<String, String> environment, List<String> jvmOptions, String... arguments) {
        return start(Map.of(), environment, jvmOptions, arguments);
    }

    /** Starts it among these files of its working directory. */
    public static JarProcess start(
            Map<String, String> files, Map<String, String> environment, List<String> jvmOptions, String... arguments) {
        return start(
                directory -> {
                    write(directory, files);
                    return ExtractedJar.command(
                            Stream.concat(Stream.of(QUICK), jvmOptions.stream()).toList());
                },
                environment,
                arguments);
    }

    /** Starts a copy of the jar, {@code greeter.jar} in this folder, among these files of its working directory. */
    public static JarProcess installed(String folder, Map<String, String> files, String... arguments) {
        return start(
                directory -> {
                    write(directory, files);
                    Path jar =
                            Files.createDirectories(directory.resolve(folder)).resolve("greeter.jar");
                    Files.copy(ExtractedJar.JAR, jar);
                    return List.of(ExtractedJar.JAVA, QUICK, "-jar", jar.toString());
                },
                Map.of(),
                arguments);
    }

    private static void write(Path directory, Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
    }

    private static JarProcess start(Installation installation, Map<String, String> environment, String... arguments) {
        try {
            Path directory = Files.createTempDirectory("greeter");
            List<String> command = new ArrayList<>(installation.in(directory));
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command);
            // A locale in which names of any script can be arguments.
            builder.environment().put("LC_ALL", "C.UTF-8");
            // Any free ports for management and for the web, unless an argument names one.
            builder.environment().put("SERVER_PORT", "0");
            builder.environment().put("SERVICE_WEB_PORT", "0");
            builder.environment().putAll(environment);
            builder.directory(directory.toFile());
            return new JarProcess(builder.start(), directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Prepares a directory, and returns the command that starts the application there. */
    private interface Installation {

        List<String> in(Path directory) throws IOException;
    }

    /** Waits for the gRPC server and returns its port. */
    public int port() {
        return Integer.parseInt(awaitLine(PORT).group(1));
    }

    /** Waits for the port for the web and returns it. */
    public int webPort() {
        return Integer.parseInt(awaitLine(WEB_PORT).group(1));
    }

    /** Waits for the actuator's server and returns its port. */
    public int managementPort() {
        return Integer.parseInt(awaitLine(MANAGEMENT_PORT).group(1));
    }

    /** Waits for a line of standard output in which the pattern is found. */
    public Matcher awaitLine(Pattern pattern) {
        List<Matcher> found = new ArrayList<>();
        Awaitility.await("a line with " + pattern).atMost(PATIENCE).until(() -> {
            boolean ended = !process.isAlive();
            out.stream().map(pattern::matcher).filter(Matcher::find).findFirst().ifPresent(found::add);
            if (found.isEmpty() && ended) {
                throw new AssertionError("The process ended with " + process.exitValue() + ":\n" + output());
            }
            return !found.isEmpty();
        });
        return found.get(0);
    }

    /** Waits for the end and returns the exit code. */
    public int awaitExit() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("The process did not end:\n" + output());
            }
            for (Thread reader : readers) {
                reader.join();
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends SIGTERM, if the platform has it; {@link Process#destroy} would also close the streams before their end. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** Sends SIGKILL, if the platform has it. */
    public void kill() {
        process.destroyForcibly();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns the lines of standard output until now. */
    public List<String> out() {
        return out;
    }

    /** Returns the lines of standard error until now. */
    public List<String> err() {
        return err;
    }

    /** Returns all that the process has printed. */
    public String output() {
        return String.join("\n", out) + "\n" + String.join("\n", err);
    }

    /** Kills the process and deletes what it has written. */
    @Override
    public void close() {
        kill();
        process.onExit().join();
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads no more of what the process prints, whose pipes fill. */
    public void stopReading() {
        reading.acquireUninterruptibly();
    }

    public void readOn() {
        reading.release();
    }

    private Thread read(InputStream stream, List<String> lines) {
        Thread reader = new Thread(() -> {
            try (BufferedReader text = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                text.lines().forEach(line -> {
                    reading.acquireUninterruptibly();
                    lines.add(line);
                    reading.release();
                });
            } catch (IOException | UncheckedIOException closed) {
                // The process has ended.
            }
        });
        reader.setDaemon(true);
        reader.start();
        return reader;
    }
}
