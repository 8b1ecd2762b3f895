package dev.greeter.client;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the address of a server, as gRPC documents it or as people write it, into the URI that grpc-java expects. */
final class ServerAddress {

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)");
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(?<host>\\[[0-9A-Fa-f:.]+(%\\w+)?]|[^:\\[\\]/?#@,\\s]+)(:(?<port>\\d+))?");
    private static final Set<String> WITHOUT_SLASHES = Set.of("dns", "static", "self", "in-process", "unix");
    private static final int MAX_PORT = 65535;
    private static final String FORM = "Write dns:///HOST:PORT, or static://HOST:PORT,HOST:PORT for several servers.";

    private ServerAddress() {}

    /** @throws IllegalArgumentException with a sentence about what is wrong with the address */
    static URI of(String text) {
        String address = text.strip();
        Matcher parts = SCHEME.matcher(address);
        if (!parts.matches()) {
            return dns("", address);
        }
        String scheme = parts.group(1).toLowerCase(Locale.ROOT);
        String rest = parts.group(2);
        if (!rest.startsWith("//") && !WITHOUT_SLASHES.contains(scheme)) {
            return dns("", address);
        }
        return switch (scheme) {
            case "dns" -> dns(rest);
            case "static" -> list(rest.replaceFirst("^/*", ""));
            case "unix" -> socketFile(rest);
            case "http" ->
                throw new IllegalArgumentException("The address of a gRPC server does not begin with http. " + FORM);
            case "https" ->
                throw new IllegalArgumentException("The address of a gRPC server does not begin with https: TLS is the"
                        + " setting negotiation-type. " + FORM);
            // grpc-java supports it, or reports that it does not.
            default -> URI.create(scheme + ":" + rest);
        };
    }

    /** Returns the first server of an address, if it has a host and a port. */
    static Optional<InetSocketAddress> first(String text) {
        String server = text.strip()
                .replaceFirst("(?i)^(dns|static):(//[^/,]*/|/*)", "")
                .replaceFirst(",.*", "");
        Matcher parts = HOST_AND_PORT.matcher(server.strip());
        return parts.matches() && parts.group("port") != null
                ? Optional.of(
                        InetSocketAddress.createUnresolved(parts.group("host"), Integer.parseInt(parts.group("port"))))
                : Optional.empty();
    }

    private static URI dns(String rest) {
        if (!rest.startsWith("//")) {
            return dns("", rest.replaceFirst("^/", ""));
        }
        int path = rest.indexOf('/', 2);
        if (path < 0) {
            throw new IllegalArgumentException("The address has two slashes instead of three. Write dns:///"
                    + rest.substring(2) + "; after two slashes stands a name server.");
        }
        return dns(rest.substring(2, path), rest.substring(path + 1));
    }

    private static URI dns(String nameServer, String server) {
        String encoded = checked(server).replace("%", "%25").replace("[", "%5B").replace("]", "%5D");
        return URI.create("dns://" + nameServer + "/" + encoded);
    }

    private static URI list(String text) {
        List<String> servers =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        servers.forEach(ServerAddress::checked);
        // grpc-java finds no authority in a list whose colons are not escaped.
        return URI.create("static://"
                + (servers.size() == 1
                        ? servers.get(0)
                        : URLEncoder.encode(String.join(",", servers), StandardCharsets.UTF_8)));
    }

    private static URI socketFile(String path) {
        if (path.startsWith("//") && !path.startsWith("///")) {
            throw new IllegalArgumentException("The address has two slashes instead of three. Write unix:///"
                    + path.substring(2) + " for an absolute path, or unix:PATH.");
        }
        if (path.isEmpty() || path.endsWith("/")) {
            throw new IllegalArgumentException("The address does not name the file of a socket. Write unix:PATH.");
        }
        return URI.create("unix:" + path);
    }

    private static String checked(String server) {
        Matcher parts = HOST_AND_PORT.matcher(server);
        if (!parts.matches()) {
            throw new IllegalArgumentException("\"" + server + "\" is not HOST:PORT" + hint(server) + ". " + FORM);
        }
        String port = parts.group("port");
        if (port != null && (port.length() > 5 || Integer.parseInt(port) > MAX_PORT || Integer.parseInt(port) == 0)) {
            throw new IllegalArgumentException(
                    "The port of \"" + server + "\" is not a number from 1 to " + MAX_PORT + ".");
        }
        return server;
    }

    private static String hint(String server) {
        if (server.indexOf(':') != server.lastIndexOf(':') && server.matches("[0-9A-Fa-f:.]+")) {
            return ": an IPv6 address needs brackets, as in [::1]:50051";
        }
        return server.contains(",") ? ": a list of servers begins with static://" : "";
    }
}
