package dev.greeter.server.web;

import dev.greeter.server.socket.OtherPort;
import dev.greeter.start.SettingException;
import io.grpc.DecompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.inprocess.AnonymousInProcessSocketAddress;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.group.ChannelGroup;
import io.grpc.netty.shaded.io.netty.channel.group.DefaultChannelGroup;
import io.grpc.netty.shaded.io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.event.GrpcServerShutdownEvent;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import net.devh.boot.grpc.server.event.GrpcServerTerminatedEvent;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;

/**
 * The web port, open as long as that of gRPC. Its calls go to a second server inside the process with the same services,
 * interceptors and tracers: grpc-java's servers have one transport each.
 */
final class WebServer {

    private static final Logger log = LoggerFactory.getLogger(WebServer.class);

    private final WebSettings settings;
    private final GrpcServerProperties properties;
    private final List<GrpcServerConfigurer> configurers;
    private final OtherPort port;
    private final About about;
    private @Nullable Open open;
    private long stopping;

    WebServer(
            WebSettings settings,
            GrpcServerProperties properties,
            List<GrpcServerConfigurer> configurers,
            OtherPort port,
            About about) {
        this.settings = settings;
        this.properties = properties;
        this.configurers = configurers;
        this.port = port;
        this.about = about;
    }

    /** What there is while the port is open. */
    private record Open(Server server, ManagedChannel channel, Channel listening, ChannelGroup connections) {}

    /** A server without sockets, as in tests, has no port for the web either. */
    @EventListener
    void started(GrpcServerStartedEvent event) throws IOException {
        if (settings.isOff() || event.getPort() == -1) {
            return;
        }
        AnonymousInProcessSocketAddress address = new AnonymousInProcessSocketAddress();
        InProcessServerBuilder builder = InProcessServerBuilder.forAddress(address)
                .addServices(event.getServer().getServices())
                .intercept(new WebPeerInterceptor());
        configurers.forEach(configurer -> configurer.accept(builder));
        Server server = builder.build().start();
        ManagedChannel channel = InProcessChannelBuilder.forAddress(address)
                .directExecutor()
                // The bridge compresses, and the caller says what it accepts.
                .decompressorRegistry(DecompressorRegistry.emptyInstance())
                .build();
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        WebLimits limits = WebLimits.of(properties, port);
        Console console = settings.console() ? new Console(about, event.getServer(), event.getPort()) : null;
        WebRoutes routes = new WebRoutes(
                channel, methods(event.getServer()), new Cors(settings.cors().allowedOrigins()), console, limits);
        WebPipeline pipeline = new WebPipeline(routes, connections, port, limits);
        try {
            Channel listening = port.open(address(), "web-event-loop", pipeline);
            open = new Open(server, channel, listening, connections);
            log.info(
                    "Web port open, listening on address: {}, port: {}",
                    address().getHostString(),
                    port.number());
        } catch (IOException e) {
            channel.shutdownNow();
            server.shutdownNow();
            throw new SettingException(
                    "The web port cannot listen on port " + settings.port() + " of address "
                            + address().getHostString() + " (service.web.port"
                            + (settings.address() == null ? "" : ", service.web.address") + "): " + e.getMessage(),
                    "Stop what uses the port, or choose another with service.web.port or service.web.address; -1 is"
                            + " none.",
                    e);
        }
    }

    /** Comes after the time in which callers may notice, as no new call begins from now on. */
    @EventListener
    @SuppressWarnings("FutureReturnValueIgnored") // the calls are waited for, not the connections
    void stopping(GrpcServerShutdownEvent event) {
        if (open != null) {
            stopping = System.nanoTime();
            open.listening().close();
            open.connections().forEach(connection -> connection.pipeline().fireUserEventTriggered(WebConnection.STOP));
        }
    }

    /** Waits for what is left of the time for calls that are open: those by gRPC have taken the other part of it. */
    @EventListener
    void stopped(GrpcServerTerminatedEvent event) {
        if (open != null) {
            long left = properties.getShutdownGracePeriod().toNanos() - (System.nanoTime() - stopping);
            open.connections().newCloseFuture().awaitUninterruptibly(Math.max(0, left), TimeUnit.NANOSECONDS);
            open.server().shutdownNow();
            open.channel().shutdownNow();
            port.close();
            open = null;
        }
    }

    private static List<ServedMethod> methods(Server server) {
        return server.getServices().stream()
                .flatMap(service -> service.getMethods().stream())
                .map(ServerMethodDefinition::getMethodDescriptor)
                .map(ServedMethod::of)
                .toList();
    }

    private InetSocketAddress address() {
        String address = settings.address() == null ? properties.getAddress() : settings.address();
        if (address.startsWith("unix:")) {
            address = "localhost";
        }
        return address.equals("*")
                ? new InetSocketAddress(settings.port())
                : new InetSocketAddress(address, settings.port());
    }
}
