package dev.greeterbench;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * SayHello without a transport: through the interceptors of a running Greeter, through its service alone, and through
 * the bare service that Greeter is compared with.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChainBenchmark {

    private static final HelloRequest WORLD =
            HelloRequest.newBuilder().setName("World").build();
    private static final Metadata.Key<String> USER_AGENT =
            Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER);

    /** The first word of a line of bench/variants. */
    @Param("shipped")
    public String variant;

    private ConfigurableApplicationContext greeter;
    private List<String[]> headers;
    private ServerMethodDefinition<HelloRequest, HelloReply> chain;
    private ServerMethodDefinition<HelloRequest, HelloReply> service;
    private ServerMethodDefinition<HelloRequest, HelloReply> bare;

    @Setup
    public void start() throws Exception {
        headers = new ArrayList<>();
        List<String> settings =
                new ArrayList<>(List.of("--grpc.server.address=127.0.0.1", "--grpc.server.port=0"));
        for (String word : words()) {
            if (word.startsWith("--")) {
                settings.add(word);
            } else {
                headers.add(word.split(":", 2));
            }
        }
        List<ServerServiceDefinition> served = new ArrayList<>();
        ApplicationListener<GrpcServerStartedEvent> listener =
                event -> served.addAll(event.getServer().getServices());
        greeter = new SpringApplicationBuilder(Class.forName("dev.greeter.GreeterApplication"))
                .listeners(listener)
                .run(settings.toArray(String[]::new));
        chain = sayHello(served.stream());
        service = sayHello(
                greeter.getBeansOfType(BindableService.class).values().stream().map(BindableService::bindService));
        bare = sayHello(Stream.of(new HelloService().bindService()));
    }

    @TearDown
    public void stop() {
        greeter.close();
    }

    @Benchmark
    public Object chain() {
        return call(chain);
    }

    @Benchmark
    public Object service() {
        return call(service);
    }

    @Benchmark
    public Object bare() {
        return call(bare);
    }

    /** Returns the words of the lines of bench/variants that go to this variant. */
    private List<String> words() throws IOException {
        Path variants = Path.of(System.getProperty("variants"));
        String target = variants.resolveSibling("target").toString();
        try (Stream<String> lines = Files.lines(variants)) {
            return lines.map(line -> line.replace("TARGET", target)
                            .replace("MANAGEMENT", "0")
                            .split("\\s+"))
                    .filter(words -> words[0].equals("every") || words[0].equals(variant))
                    .flatMap(words -> Stream.of(words).skip(1))
                    .toList();
        }
    }

    @SuppressWarnings("unchecked")
    private static ServerMethodDefinition<HelloRequest, HelloReply> sayHello(Stream<ServerServiceDefinition> services) {
        return services.map(service ->
                        service.getMethod(GreeterGrpc.getSayHelloMethod().getFullMethodName()))
                .filter(method -> method != null)
                .map(method -> (ServerMethodDefinition<HelloRequest, HelloReply>) method)
                .findFirst()
                .orElseThrow();
    }

    private Object call(ServerMethodDefinition<HelloRequest, HelloReply> definition) {
        Metadata metadata = new Metadata();
        metadata.put(USER_AGENT, "bench");
        for (String[] header : headers) {
            metadata.put(Metadata.Key.of(header[0], Metadata.ASCII_STRING_MARSHALLER), header[1]);
        }
        MethodDescriptor<HelloRequest, HelloReply> method = definition.getMethodDescriptor();
        ServerCallHandler<HelloRequest, HelloReply> handler = definition.getServerCallHandler();
        NoTransportCall<HelloRequest, HelloReply> call = new NoTransportCall<>(method);
        ServerCall.Listener<HelloRequest> listener = handler.startCall(call, metadata);
        listener.onMessage(WORLD);
        listener.onHalfClose();
        listener.onComplete();
        return call.reply();
    }
}
