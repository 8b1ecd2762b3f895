package dev.greeter.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The metadata of the image. */
final class Dockerfile {

    private Dockerfile() {}

    static String user() throws IOException {
        return only("USER");
    }

    static String workingDirectory() throws IOException {
        List<String> directories = instructions("WORKDIR");
        return directories.get(directories.size() - 1);
    }

    static List<String> ports() throws IOException {
        return List.of(only("EXPOSE").split(" "));
    }

    static Map<String, String> environment() throws IOException {
        return instructions("ENV").stream()
                .flatMap(line -> Arrays.stream(line.split(" ")))
                .map(variable -> variable.split("=", 2))
                .collect(Collectors.toMap(variable -> variable[0], variable -> variable[1]));
    }

    private static String only(String instruction) throws IOException {
        List<String> values = instructions(instruction);
        if (values.size() != 1) {
            throw new AssertionError("Expected one " + instruction + ", but there are " + values);
        }
        return values.get(0);
    }

    private static List<String> instructions(String name) throws IOException {
        return Files.readAllLines(Path.of("Dockerfile")).stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .toList();
    }
}
