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
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
        try (Postgres postgres = new Postgres()) {
            List<Result> h2;
            try (Server server = Server.greeter(List.of())) {
                h2 = calls(server, () -> Duration.ZERO);
            }
            List<Result> pg;
            try (Server server = Server.greeter(List.of("--spring.datasource.url=" + postgres.create("calls")))) {
                pg = calls(server, postgres::cpu);
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
            String bulk = postgres.create("bulk");
            try (Server server = Server.greeter(List.of("--spring.datasource.url=" + bulk))) {
                bulk(server, postgres, pg);
            }
        }
        write();
    }

    private List<Result> calls(Server server, Clock database) throws Exception {
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
                results.add(measure(server, database, "GetUser", stored, callers, getUser));
            }
        }
        for (int callers : CALLERS) {
            results.add(measure(server, database, "CreateUser", stored, callers, users -> {
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
                    database,
                    "ListUsers(50)",
                    stored,
                    callers,
                    users -> users.listUsers(
                            ListUsersRequest.newBuilder().setPageSize(50).build())));
        }
        return results;
    }

    private Result measure(
            Server server,
            Clock database,
            String method,
            int stored,
            int callers,
            Consumer<UserServiceBlockingStub> call)
            throws Exception {
        load(server, callers, call, quick ? 500 : 2_000);
        Spent spent = new Spent(server, database);
        long began = System.nanoTime();
        long[] nanos = load(server, callers, call, quick ? 500 : 4_000);
        double seconds = (System.nanoTime() - began) / 1e9;
        Arrays.sort(nanos);
        Result result = new Result(
                method,
                stored,
                callers,
                nanos.length / seconds,
                nanos[(int) (nanos.length * 0.99)] / 1e6,
                spent.per(nanos.length));
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

    private void bulk(Server server, Postgres postgres, List<Result> calls) throws Exception {
        int rows = quick ? 50_000 : 1_000_000;
        Spent spent = new Spent(server, postgres::cpu);
        long began = System.nanoTime();
        server.importUsers(0, rows);
        double importing = rows / ((System.nanoTime() - began) / 1e9);
        String importSpent = spent.per(rows);
        long importHeap = server.peakHeap();

        double first = pageMillis(server, 1_000);
        double last = pageMillis(server, rows - rows / 10);

        server.forgetHeap();
        spent = new Spent(server, postgres::cpu);
        double exporting = export(server, rows);
        String exportSpent = spent.per(rows);
        long exportHeap = server.peakHeap();

        line("");
        line("| %,d users on PostgreSQL, `-Xmx256m` | |".formatted(rows));
        line("|---|---:|");
        line("| ImportUsers | %,.0f rows/s |".formatted(importing));
        line("| peak heap meanwhile | %d MiB |".formatted(importHeap));
        line("| ExportUsers | %,.0f rows/s |".formatted(exporting));
        line("| peak heap meanwhile | %d MiB |".formatted(exportHeap));
        line("| ListUsers(50) at row 1,000 | %.2f ms |".formatted(first));
        line("| ListUsers(50) at row %,d | %.2f ms |".formatted(rows - rows / 10, last));

        line("");
        line("| on PostgreSQL | per second | beside it | per second | × | target | CPU time of each, in µs: caller, "
                + "server, database |");
        line("|---|---:|---|---:|---:|---:|---:|");
        for (Result result : calls) {
            if (result.method().equals("GetUser") && result.stored() == 100_000 && result.callers() > 1) {
                double selects = postgres.selects(result.callers(), quick ? 1 : 5);
                String clients = "`pgbench -S -M prepared -c %d`".formatted(result.callers());
                compare("GetUser", result.rate(), clients, selects, 0.5, result.spent());
            }
        }
        compare("ImportUsers", importing, "`COPY users FROM` a file", rows / postgres.copy("bulk"), 0.4, importSpent);
        try (Server bare = Server.bareExport(rows)) {
            export(bare, rows);
            compare("ExportUsers", exporting, "bare grpc-java, from memory", export(bare, rows), 0.5, exportSpent);
        }
    }

    private void compare(String method, double rate, String other, double otherRate, double target, String spent) {
        line("| %s | %,.0f | %s | %,.0f | %.2f | at least %.1f | %s |"
                .formatted(method, rate, other, otherRate, rate / otherRate, target, spent));
    }

    /** Returns the users per second. */
    private static double export(Server server, int rows) {
        long began = System.nanoTime();
        long exported = 0;
        Iterator<?> users = server.users().exportUsers(ExportUsersRequest.getDefaultInstance());
        while (users.hasNext()) {
            users.next();
            exported++;
        }
        if (exported != rows) {
            throw new IllegalStateException("Exported " + exported + " users instead of " + rows);
        }
        return rows / ((System.nanoTime() - began) / 1e9);
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

    static User user(String unique) {
        return User.newBuilder()
                .setName("User " + unique)
                .setEmail(unique + "@example.org")
                .setLanguage("de")
                .build();
    }

    private record Result(String method, int stored, int callers, double rate, double p99, String spent) {}

    private interface Clock {
        Duration read() throws IOException;
    }

    /** The CPU time of caller, server and database since it was made. */
    private static final class Spent {

        private final List<Clock> clocks;
        private final List<Duration> began;

        Spent(Server server, Clock database) throws IOException {
            clocks = List.of(() -> cpu(ProcessHandle.current()), () -> cpu(server.process.toHandle()), database);
            began = read();
        }

        private List<Duration> read() throws IOException {
            List<Duration> times = new ArrayList<>();
            for (Clock clock : clocks) {
                times.add(clock.read());
            }
            return times;
        }

        private static Duration cpu(ProcessHandle process) {
            return process.info().totalCpuDuration().orElseThrow();
        }

        String per(int calls) throws IOException {
            List<Duration> now = read();
            return IntStream.range(0, clocks.size())
                    .mapToObj(
                            i -> "%.0f".formatted(now.get(i).minus(began.get(i)).toNanos() / 1e3 / calls))
                    .collect(Collectors.joining(" + "));
        }
    }

    /** A server in a directory of its own. */
    private static final class Server implements AutoCloseable {

        private final Path directory = Files.createTempDirectory("users-bench");
        private final Process process;
        private final ManagedChannel channel;
        private final String name;
        private String token = "";
        private int heapLines;

        private Server(String name, List<String> arguments) throws Exception {
            this.name = name;
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-Xlog:gc:file=" + directory.resolve("gc.log")));
            command.addAll(arguments);
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
        }

        /** The packaged server. */
        static Server greeter(List<String> settings) throws Exception {
            List<String> arguments = new ArrayList<>(List.of(
                    "-jar",
                    new File("target/greeter.jar").getAbsolutePath(),
                    "--grpc.server.port=0",
                    "--server.port=0",
                    "--service.web.port=0",
                    "--greeter.client.enabled=false"));
            arguments.addAll(settings);
            Server server = new Server(settings.isEmpty() ? "H2" : "PostgreSQL", arguments);
            HealthCheckRequest users = HealthCheckRequest.newBuilder()
                    .setService(UserServiceGrpc.SERVICE_NAME)
                    .build();
            while (HealthGrpc.newBlockingStub(server.channel).check(users).getStatus() != ServingStatus.SERVING) {
                Thread.sleep(100);
            }
            return server;
        }

        static Server bareExport(int rows) throws Exception {
            String classes = System.getProperty("java.class.path");
            return new Server("bare", List.of("-cp", classes, BareExport.class.getName(), "" + rows));
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
