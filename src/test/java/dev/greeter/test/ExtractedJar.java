package dev.greeter.test;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The built jar, extracted as for its image, with an archive of its classes: a start takes a third of the CPU time. */
public final class ExtractedJar {

    /** The jar that was built, or another one. */
    static final Path JAR =
            Path.of(System.getProperty("greeter.jar", "target/greeter.jar")).toAbsolutePath();

    private static final Path FOLDER = Path.of("target", "extracted").toAbsolutePath();
    private static final Path EXTRACTED = FOLDER.resolve("greeter.jar");
    private static final Path ARCHIVE = FOLDER.resolve("classes.jsa");
    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private ExtractedJar() {}

    /** Returns the command that starts it, up to its arguments, with these options of the JVM. */
    public static List<String> command(List<String> jvmOptions) {
        try {
            prepare();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>(List.of(JAVA, "-XX:SharedArchiveFile=" + ARCHIVE));
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", EXTRACTED.toString()));
        return command;
    }

    /** Once for all processes of tests that start it. */
    private static synchronized void prepare() throws IOException {
        try (FileChannel lock = FileChannel.open(
                FOLDER.resolveSibling("extracted.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock.lock();
            if (Files.notExists(ARCHIVE)
                    || Files.getLastModifiedTime(ARCHIVE).compareTo(Files.getLastModifiedTime(JAR)) < 0) {
                run(
                        "-Djarmode=tools",
                        "-jar",
                        JAR.toString(),
                        "extract",
                        "--destination",
                        FOLDER.toString(),
                        "--force");
                run(
                        "-XX:ArchiveClassesAtExit=" + ARCHIVE,
                        "-Dspring.context.exit=onRefresh",
                        "-jar",
                        EXTRACTED.toString(),
                        "--spring.datasource.url=jdbc:h2:mem:archive",
                        "--grpc.server.port=0",
                        "--server.port=0",
                        "--service.web.port=0");
            }
        }
    }

    private static void run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(FOLDER.resolveSibling("extracted.log").toFile())
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + " failed: see target/extracted.log");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }
}
