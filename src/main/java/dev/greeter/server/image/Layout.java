package dev.greeter.server.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.springframework.util.FileSystemUtils;

/**
 * Completes an application that {@code java -Djarmode=tools -jar app.jar extract} has laid out: adds Netty's native
 * code, the options of the JVM, an AOT cache of a training run, the reference of the settings and the alerts. The cache
 * requires the same JVM and the same folder, so this runs where the result is to run, on JDK 25 or later.
 */
final class Layout {

    private static final String OPTIONS = "jvm.args";

    /** What a training run needs, whatever the application sets. */
    private static final List<String> TRAINING = List.of(
            "--server.port=0",
            "--service.strict=false",
            "--service.reflection=open",
            "--grpc.server.security.enabled=false",
            "--spring.security.oauth2.resourceserver.jwt.issuer-uri=",
            "--spring.security.oauth2.resourceserver.jwt.jwk-set-uri=",
            "--spring.security.oauth2.resourceserver.jwt.public-key-location=",
            "--spring.security.oauth2.resourceserver.jwt.audiences=");

    private final Path folder;
    private final Path application;
    private final Path java = Path.of(System.getProperty("java.home"), "bin", "java");

    private Layout(Path folder) throws IOException {
        this.folder = folder;
        this.application = only("*.jar", folder);
    }

    /**
     * Completes a folder.
     *
     * @param arguments the folder, and options of the application for the training run
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0 || !Files.isDirectory(Path.of(arguments[0]))) {
            System.err.println("usage: java -cp \"FOLDER/*:FOLDER/lib/*\" " + Layout.class.getName()
                    + " FOLDER [OPTION]..., after: java -Djarmode=tools -jar APP.jar extract --destination FOLDER");
            System.exit(2);
        }
        Layout layout = new Layout(Path.of(arguments[0]).toAbsolutePath().normalize());
        layout.addNativeCode();
        layout.add(OPTIONS);
        SettingsReference.write(layout.folder.resolve("SETTINGS.md"));
        layout.add("alerts.yml");
        layout.option("-Djava.library.path=" + layout.folder.resolve("native"));
        layout.train(List.of(arguments).subList(1, arguments.length));
        layout.option("-XX:AOTCache=" + layout.cache());
        layout.check();
    }

    private void addNativeCode() throws IOException {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
        Path target = Files.createDirectories(folder.resolve("native"));
        try (ZipFile netty = new ZipFile(
                only("grpc-netty-shaded-*.jar", folder.resolve("lib")).toFile())) {
            for (ZipEntry entry : (Iterable<ZipEntry>) netty.stream()
                    .filter(entry -> entry.getName().matches("META-INF/native/.*_" + architecture + "\\.so"))
                    .map(ZipEntry.class::cast)::iterator) {
                try (InputStream code = netty.getInputStream(entry)) {
                    Files.copy(code, target.resolve(entry.getName().replaceFirst(".*/", "")));
                }
            }
        }
    }

    private void add(String resource) throws IOException {
        try (InputStream content = Objects.requireNonNull(Layout.class.getResourceAsStream(resource), resource)) {
            Files.copy(content, folder.resolve(resource));
        }
    }

    private void option(String option) throws IOException {
        Files.writeString(folder.resolve(OPTIONS), option + "\n", StandardOpenOption.APPEND);
    }

    private Path cache() {
        return Path.of(application.toString().replaceFirst("\\.jar$", ".aot"));
    }

    private void train(List<String> options) throws IOException, InterruptedException {
        int port = freePort();
        int web = freePort();
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "@" + folder.resolve(OPTIONS),
                "-XX:+UnlockDiagnosticVMOptions",
                // omits the profiles of the training; RATIONALE.md has the reason
                "-XX:-AOTRecordTraining",
                "-XX:AOTCacheOutput=" + cache(),
                "-Xlog:aot=error",
                "-jar",
                application.toString(),
                "--grpc.server.port=" + port,
                "--service.web.port=" + web));
        command.addAll(TRAINING);
        command.addAll(options);
        Path scratch = Files.createTempDirectory("training");
        Path log = scratch.resolve("log");
        Process server = new ProcessBuilder(command)
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try (Training training = new Training(port, web)) {
            training.run(server, log);
        } finally {
            server.destroy();
            server.waitFor();
            System.out.print(Files.readString(log));
            FileSystemUtils.deleteRecursively(scratch);
        }
    }

    /** Fails if the JVM cannot use the cache. */
    private void check() throws IOException, InterruptedException {
        Process check = new ProcessBuilder(
                        java.toString(),
                        "@" + folder.resolve(OPTIONS),
                        "-XX:AOTMode=on",
                        "-cp",
                        application.toString(),
                        "-version")
                .inheritIO()
                .start();
        if (check.waitFor() != 0) {
            throw new IllegalStateException("The JVM cannot use " + cache());
        }
    }

    private static Path only(String pattern, Path folder) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
            for (Path path : found) {
                return path;
            }
        }
        throw new IllegalStateException("The folder " + folder + " has no " + pattern);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
