import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts a service as its image does, calls it by gRPC and by curl, sees its metrics move, and stops it while a stream
 * is open.
 */
final class Probe {

    /** For each service a method and the JSON that curl gets, and an endless stream. */
    private static final Map<String, List<String>> METHODS = Map.of(
            "inventory", List.of("inventory.v1.Inventory/GetItem", "not_found", "inventory.v1.Inventory/WatchCount"),
            "ledger", List.of("ledger.v1.Ledger/ListItems", "{}", "ledger.v1.Ledger/WatchCount"),
            "order",
                    List.of("shop.orders.v1.OrderService/PlaceOrder", "{}", "shop.orders.v1.OrderService/WatchOrders"));

    private static final Duration LONGEST_STOP = Duration.ofSeconds(2);

    public static void main(String[] arguments) throws Exception {
        Path jar = Path.of(arguments[0]);
        String service = jar.getFileName().toString().replace(".jar", "");
        List<String> methods = METHODS.get(service);
        int port = freePort();
        int web = freePort();
        int management = freePort();
        Path log = jar.resolveSibling("log");
        long began = System.nanoTime();
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + jar.resolveSibling("jvm.args"),
                        "-XX:AOTMode=on",
                        "-jar",
                        jar.toString(),
                        "--grpc.server.port=" + port,
                        "--service.web.port=" + web,
                        "--server.port=" + management)
                .directory(jar.getParent().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        ManagedChannel channel = Grpc.newChannelBuilderForAddress(
                        "127.0.0.1", port, InsecureChannelCredentials.create())
                .build();
        try {
            String authorization = "Bearer " + token(server, log);
            System.out.printf("%s started in %d ms%n", service, (System.nanoTime() - began) / 1_000_000);
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);

            Call unary = new Call(channel, methods.get(0), MethodType.UNARY, headers);
            System.out.println(methods.get(0) + " by gRPC: "
                    + unary.end.get(10, TimeUnit.SECONDS).getCode());
            String json = curl(
                    "-H",
                    "authorization: " + authorization,
                    "-H",
                    "content-type: application/json",
                    "-d",
                    "{}",
                    "http://127.0.0.1:" + web + "/" + methods.get(0));
            require(json.contains(methods.get(1)), "curl got " + json);
            String method = methods.get(0).replaceFirst(".*/", "");
            String metrics = curl("http://127.0.0.1:" + management + "/actuator/prometheus");
            require(
                    Pattern.compile("grpc_server_processing_duration_seconds_count\\{[^}]*\"" + method + "\"[^}]*} 2")
                            .matcher(metrics)
                            .find(),
                    "the metrics do not have two calls of " + method);

            Call stream = new Call(channel, methods.get(2), MethodType.SERVER_STREAMING, headers);
            stream.first.get(10, TimeUnit.SECONDS);
            began = System.nanoTime();
            server.destroy();
            require(server.waitFor(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS), "it has not stopped within 2 s");
            System.out.printf("%s stopped in %d ms%n", service, (System.nanoTime() - began) / 1_000_000);
            Status end = stream.end.get(1, TimeUnit.SECONDS);
            require(end.getCode() == Status.Code.UNAVAILABLE, methods.get(2) + " ended with " + end);
        } catch (Exception e) {
            System.err.println(Files.readString(log));
            throw e;
        } finally {
            channel.shutdownNow();
            server.destroyForcibly();
        }
        // the channel's threads
        System.exit(0);
    }

    private static String token(Process server, Path log) throws IOException, InterruptedException {
        Pattern token = Pattern.compile("development token is valid.*: (\\S+)");
        Pattern started = Pattern.compile("Started \\w+ in");
        while (server.isAlive()) {
            String text = Files.readString(log);
            Matcher found = token.matcher(text);
            if (started.matcher(text).find() && found.find()) {
                return found.group(1);
            }
            Thread.sleep(20);
        }
        throw new IllegalStateException("The server ended with " + server.exitValue());
    }

    private static String curl(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder curl = new ProcessBuilder("curl", "-s", "-m", "10");
        curl.command().addAll(List.of(arguments));
        Process process = curl.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        require(process.waitFor() == 0, "curl failed: " + output);
        return output;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** A call with an empty message. */
    private static final class Call extends ClientCall.Listener<byte[]> {

        final CompletableFuture<byte[]> first = new CompletableFuture<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();

        Call(ManagedChannel channel, String method, MethodType type, Metadata headers) {
            Bytes bytes = new Bytes();
            ClientCall<byte[], byte[]> call = channel.newCall(
                    MethodDescriptor.newBuilder(bytes, bytes)
                            .setFullMethodName(method)
                            .setType(type)
                            .build(),
                    CallOptions.DEFAULT);
            call.start(this, headers);
            call.request(Integer.MAX_VALUE);
            call.sendMessage(new byte[0]);
            call.halfClose();
        }

        @Override
        public void onMessage(byte[] reply) {
            first.complete(reply);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            first.completeExceptionally(status.asException());
            end.complete(status);
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream message) {
            try {
                return message.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
