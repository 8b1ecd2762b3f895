package dev.greeterbench.users;

import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.ExportUsersRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.ImportUsersRequest;
import dev.greeter.proto.users.v1.ImportUsersResponse;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.ListUsersResponse;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Measures the User service as callers see it: the packaged server and its database as processes of their own. */
final class UsersBenchmark {

    private static final Pattern PORT = Pattern.compile("gRPC Server started, listening on address: .*, port: (\\d+)");
    private static final Pattern TOKEN = Pattern.compile("development token.*: (\\S+)$");
    private static final Pattern HEAP = Pattern.compile("(\\d+)M->\\d+M\\(\\d+M\\)");
    private static final int[] CALLERS = {1, 16, 64};
    private static final int[] STORED = {1, 1_000, 100_000};

    private final boolean quick;
    private final StringBuilder table = new StringBuilder();

    private UsersBenchmark(boolean quick) {
        this.quick = quick;
    }

    public static void main(String[] arguments) throws Exception {
        new UsersBenchmark(Arrays.asList(arguments).contains("--quick")).run();
    }

    private void run() throws Exception {
        line("| | users stored | callers | H2 calls/s | H2 p99 | PostgreSQL calls/s | PostgreSQL p99 |");
        line("|---|---:|---:|---:|---:|---:|---:|");
        // Durable, as PostgreSQL is by default; for tests it would be neither.
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                .start()) {
            List<Result> h2;
            try (Server server = new Server(List.of())) {
                h2 = calls(server);
            }
            List<Result> pg;
            try (Server server = new Server(List.of("--spring.datasource.url=" + url(postgres, "calls")))) {
                pg = calls(server);
            }
            for (int i = 0; i < h2.size(); i++) {
                line("| %s | %,d | %d | %,.0f | %.1f ms | %,.0f | %.1f ms |"
                        .formatted(
                                h2.get(i).method(),
                                h2.get(i).stored(),
                                h2.get(i).callers(),
                                h2.get(i).rate(),
                                h2.get(i).p99(),
                                pg.get(i).rate(),
                                pg.get(i).p99()));
            }
            try (Server server = new Server(List.of("--spring.datasource.url=" + url(postgres, "bulk")))) {
                bulk(server);
            }
        }
        write();
    }

    private List<Result> calls(Server server) throws Exception {
        List<Result> results = new ArrayList<>();
        int stored = 0;
        for (int more : STORED) {
            server.importUsers(stored, more);
            List<String> ids = server.ids();
            Consumer<UserServiceBlockingStub> getUser = users -> users.getUser(GetUserRequest.newBuilder()
                    .setId(ids.get(ThreadLocalRandom.current().nextInt(ids.size())))
                    .build());
            if (stored == 0) {
                load(server, 16, getUser, quick ? 1_000 : 10_000);
            }
            stored = more;
            for (int callers : CALLERS) {
                results.add(measure(server, "GetUser", stored, callers, getUser));
            }
        }
        for (int callers : CALLERS) {
            results.add(measure(server, "CreateUser", stored, callers, users -> {
                UUID id = UUID.randomUUID();
                users.createUser(CreateUserRequest.newBuilder()
                        .setUser(user(id.toString()))
                        .setRequestId(id.toString())
                        .build());
            }));
        }
        for (int callers : CALLERS) {
            results.add(measure(
                    server,
                    "ListUsers(50)",
                    stored,
                    callers,
                    users -> users.listUsers(
                            ListUsersRequest.newBuilder().setPageSize(50).build())));
        }
        return results;
    }

    private Result measure(
            Server server, String method, int stored, int callers, Consumer<UserServiceBlockingStub> call)
            throws Exception {
        load(server, callers, call, quick ? 500 : 2_000);
        long began = System.nanoTime();
        long[] nanos = load(server, callers, call, quick ? 500 : 4_000);
        double seconds = (System.nanoTime() - began) / 1e9;
        Arrays.sort(nanos);
        Result result =
                new Result(method, stored, callers, nanos.length / seconds, nanos[(int) (nanos.length * 0.99)] / 1e6);
        System.err.println(server.name() + " " + result);
        return result;
    }

    private static long[] load(Server server, int callers, Consumer<UserServiceBlockingStub> call, int millis)
            throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            List<Future<long[]>> results = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                results.add(threads.submit(() -> {
                    long[] nanos = new long[1_024];
                    int count = 0;
                    for (long start = System.nanoTime(); start < end; ) {
                        call.accept(server.users());
                        long now = System.nanoTime();
                        if (count == nanos.length) {
                            nanos = Arrays.copyOf(nanos, 2 * count);
                        }
                        nanos[count++] = now - start;
                        start = now;
                    }
                    return Arrays.copyOf(nanos, count);
                }));
            }
            List<long[]> all = new ArrayList<>();
            for (Future<long[]> result : results) {
                all.add(result.get());
            }
            return all.stream().flatMapToLong(Arrays::stream).toArray();
        } finally {
            threads.shutdown();
        }
    }

    private void bulk(Server server) throws Exception {
        int rows = quick ? 50_000 : 1_000_000;
        long began = System.nanoTime();
        server.importUsers(0, rows);
        double importing = (System.nanoTime() - began) / 1e9;
        long importHeap = server.peakHeap();
        System.err.printf("import %.1f s%n", importing);

        double first = pageMillis(server, 1_000);
        double last = pageMillis(server, rows - rows / 10);

        server.forgetHeap();
        began = System.nanoTime();
        long exported = 0;
        Iterator<?> users = server.users().exportUsers(ExportUsersRequest.getDefaultInstance());
        while (users.hasNext()) {
            users.next();
            exported++;
        }
        double exporting = (System.nanoTime() - began) / 1e9;
        if (exported != rows) {
            throw new IllegalStateException("Exported " + exported + " users instead of " + rows);
        }

        line("");
        line("| %,d users on PostgreSQL, `-Xmx256m` | |".formatted(rows));
        line("|---|---:|");
        line("| ImportUsers | %,.0f rows/s |".formatted(rows / importing));
        line("| peak heap meanwhile | %d MiB |".formatted(importHeap));
        line("| ExportUsers | %,.0f rows/s |".formatted(rows / exporting));
        line("| peak heap meanwhile | %d MiB |".formatted(server.peakHeap()));
        line("| ListUsers(50) at row 1,000 | %.2f ms |".formatted(first));
        line("| ListUsers(50) at row %,d | %.2f ms |".formatted(rows - rows / 10, last));
    }

    /** Returns the median time of a page of 50 after this many rows. */
    private static double pageMillis(Server server, int row) {
        String token = "";
        for (int passed = 0; passed < row; passed += 1_000) {
            token = server.list(token, 1_000).getNextPageToken();
        }
        long[] nanos = new long[500];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            server.list(token, 50);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1e6;
    }

    private void line(String text) {
        table.append(text).append('\n');
        System.out.println(text);
    }

    private void write() throws IOException {
        String machine =
                "Measured by `bench/users/run" + (quick ? " --quick" : "") + "`: server, database and load on the same "
                        + Runtime.getRuntime().availableProcessors() + " cores (" + cpu() + "), JDK "
                        + Runtime.version().feature() + ".\n\n";
        Files.writeString(Path.of("bench/USERS.md"), "# The User service, measured\n\n" + machine + table);
        Path page = Path.of("docs/users.md");
        String text = Files.readString(page);
        Files.writeString(
                page,
                text.replaceFirst(
                        "(?s)(<!-- users:begin -->\n).*?(<!-- users:end -->)",
                        "$1" + Matcher.quoteReplacement(machine + table) + "$2"));
    }

    private static String cpu() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.exists(info)) {
            return System.getProperty("os.arch");
        }
        return Files.readAllLines(info).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.replaceFirst(".*: ", ""))
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    private static String url(EmbeddedPostgres postgres, String name) throws Exception {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        return postgres.getJdbcUrl("postgres", name);
    }

    private static User user(String unique) {
        return User.newBuilder()
                .setName("User " + unique)
                .setEmail(unique + "@example.org")
                .setLanguage("de")
                .build();
    }

    private record Result(String method, int stored, int callers, double rate, double p99) {}

    /** The packaged server in a directory of its own. */
    private static final class Server implements AutoCloseable {

        private final Path directory = Files.createTempDirectory("users-bench");
        private final Process process;
        private final ManagedChannel channel;
        private final String name;
        private String token = "";
        private int heapLines;

        Server(List<String> settings) throws Exception {
            name = settings.isEmpty() ? "H2" : "PostgreSQL";
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-Xlog:gc:file=" + directory.resolve("gc.log"),
                    "-jar",
                    new File("target/greeter.jar").getAbsolutePath(),
                    "--grpc.server.port=0",
                    "--server.port=0",
                    "--service.web.port=0",
                    "--greeter.client.enabled=false"));
            command.addAll(settings);
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            int port = port();
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
            channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .usePlaintext()
                    .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .build();
            while (HealthGrpc.newBlockingStub(channel)
                            .check(HealthCheckRequest.newBuilder()
                                    .setService(UserServiceGrpc.SERVICE_NAME)
                                    .build())
                            .getStatus()
                    != ServingStatus.SERVING) {
                Thread.sleep(100);
            }
        }

        String name() {
            return name;
        }

        UserServiceBlockingStub users() {
            return UserServiceGrpc.newBlockingStub(channel);
        }

        ListUsersResponse list(String token, int size) {
            return users().listUsers(ListUsersRequest.newBuilder()
                    .setPageToken(token)
                    .setPageSize(size)
                    .build());
        }

        List<String> ids() {
            List<String> ids = new ArrayList<>();
            String token = "";
            do {
                ListUsersResponse page = list(token, 1_000);
                page.getUsersList().forEach(user -> ids.add(user.getId()));
                token = page.getNextPageToken();
            } while (!token.isEmpty());
            return ids;
        }

        void importUsers(int from, int to) throws Exception {
            Importer importer = new Importer(from, to);
            UserServiceGrpc.newStub(channel).importUsers(importer);
            ImportUsersResponse response = importer.result.get(10, TimeUnit.MINUTES);
            if (response.getCreatedCount() != to - from) {
                throw new IllegalStateException("Imported " + response.getCreatedCount() + " users");
            }
        }

        /** Returns the most MiB that a collection found in the heap. */
        long peakHeap() throws IOException {
            return Files.readAllLines(directory.resolve("gc.log")).stream()
                    .skip(heapLines)
                    .map(HEAP::matcher)
                    .filter(Matcher::find)
                    .mapToLong(found -> Long.parseLong(found.group(1)))
                    .max()
                    .orElse(0);
        }

        void forgetHeap() throws IOException {
            heapLines = Files.readAllLines(directory.resolve("gc.log")).size();
        }

        private int port() throws IOException {
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            StringBuilder read = new StringBuilder();
            for (String text = output.readLine(); text != null; text = output.readLine()) {
                read.append(text).append('\n');
                Matcher found = TOKEN.matcher(text);
                if (found.find()) {
                    token = found.group(1);
                }
                Matcher port = PORT.matcher(text);
                if (port.find()) {
                    Thread rest = new Thread(() -> {
                        try {
                            output.transferTo(Writer.nullWriter());
                        } catch (IOException ended) {
                            // The server is gone.
                        }
                    });
                    rest.setDaemon(true);
                    rest.start();
                    return Integer.parseInt(port.group(1));
                }
            }
            throw new IllegalStateException("The server did not start:\n" + read);
        }

        @Override
        public void close() throws Exception {
            channel.shutdownNow();
            process.destroy();
            process.waitFor(30, TimeUnit.SECONDS);
            process.destroyForcibly();
        }
    }

    /** Sends users as fast as the server takes them. */
    private static final class Importer implements ClientResponseObserver<ImportUsersRequest, ImportUsersResponse> {

        private final CompletableFuture<ImportUsersResponse> result = new CompletableFuture<>();
        private final int to;
        private int next;

        Importer(int from, int to) {
            this.next = from;
            this.to = to;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ImportUsersRequest> call) {
            call.setOnReadyHandler(() -> {
                while (call.isReady() && next < to) {
                    call.onNext(ImportUsersRequest.newBuilder()
                            .setUser(user("user" + next))
                            .build());
                    if (++next == to) {
                        call.onCompleted();
                    }
                }
            });
        }

        @Override
        public void onNext(ImportUsersResponse response) {
            result.complete(response);
        }

        @Override
        public void onError(Throwable failure) {
            result.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {}
    }
}
