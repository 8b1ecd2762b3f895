package dev.greeter.server.socket;

import dev.greeter.server.call.TestCallEnd;
import dev.greeter.service.Refusals;
import dev.greeter.test.EchoGreeter;
import dev.greeter.test.TestSettings;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.util.unit.DataSize;

/** A server on a free port with the limits of the application. */
final class LimitedServer implements AutoCloseable {

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Refusals refusals = new Refusals(meters);
    private final SocketLimits limits;
    private final OtherPort otherPort;
    private final Server server;

    private LimitedServer(LimitSettings settings, GrpcServerProperties properties, Consumer<NettyServerBuilder> more)
            throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .permitKeepAliveWithoutCalls(true)
                .addService(new EchoGreeter())
                .intercept(TestCallEnd.interceptor(refusals));
        more.accept(builder);
        ConnectionLimiter connections = new ConnectionLimiter(settings.connections(), settings.connectionsPerPeer());
        connections.bindTo(meters);
        StreamLimits streams = new StreamLimits(
                (int) properties.getMaxInboundMetadataSize().toBytes(),
                settings,
                DecompressorRegistry.getDefaultInstance(),
                refusals);
        streams.bindTo(meters);
        otherPort = new OtherPort(settings, connections, null, streams);
        limits = new SocketLimits(settings, properties, connections, streams, new OtherProtocols(otherPort));
        limits.accept(builder);
        server = builder.build().start();
    }

    /** @param settings the settings that differ from the defaults */
    static LimitedServer start(String... settings) throws IOException {
        return start(properties(), builder -> {}, settings);
    }

    static LimitedServer start(GrpcServerProperties properties, Consumer<NettyServerBuilder> more, String... settings)
            throws IOException {
        return new LimitedServer(TestSettings.with(LimitSettings.class, settings), properties, more);
    }

    static GrpcServerProperties properties() {
        GrpcServerProperties properties = new GrpcServerProperties();
        properties.setMaxInboundMetadataSize(DataSize.ofKilobytes(16));
        return properties;
    }

    OtherPort otherPort() {
        return otherPort;
    }

    int port() {
        return server.getPort();
    }

    double connections() {
        return meters.get("grpc.server.connections").gauge().value();
    }

    /** Returns the number of refusals of this server that concern its connections. */
    double refusals(String reason) {
        return meters.get("grpc.server.refusals")
                .tag("reason", reason)
                .functionCounter()
                .count();
    }

    @Override
    public void close() {
        server.shutdownNow();
        limits.close();
    }
}
