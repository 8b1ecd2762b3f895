package dev.greeter.client;

import dev.greeter.credentials.BearerCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A token in a file that is read again whenever the file changes, as Kubernetes renews projected tokens. */
final class TokenFile implements BearerCredentials.Token {

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    private final Path file;
    private @Nullable Version read;

    private record Version(FileTime modified, long size, String token) {}

    TokenFile(Path file) {
        this.file = file;
    }

    @Override
    public synchronized String read() throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        long size = Files.size(file);
        Version current = read;
        if (current == null || !current.modified().equals(modified) || current.size() != size) {
            current = new Version(modified, size, token(Files.readString(file)));
            read = current;
        }
        return current.token();
    }

    /** Returns the token without the white space around it. */
    static String token(String text) throws IOException {
        String token = text.strip();
        if (!TOKEN.matcher(token).matches()) {
            throw new IOException(token.isEmpty() ? "it is empty" : "it has characters that no token has");
        }
        return token;
    }
}
