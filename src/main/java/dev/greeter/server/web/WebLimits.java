package dev.greeter.server.web;

import dev.greeter.server.socket.OtherPort;
import java.time.Duration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * The limits of a connection, from the settings of the gRPC port.
 *
 * @param message bytes of a message
 * @param metadata bytes of the headers of a call
 * @param calls open at the same time
 * @param resetsPerSecond streams that may be reset
 * @param handshake time until the first call, for the rest of a request, and for the caller to read an answer
 * @param idle time without a call
 * @param age time until the connection ends, and {@code ageGrace} for the calls that are open then
 * @param keepAlive time without a sign of life until a ping, and {@code keepAliveTimeout} until its answer
 * @param stopGrace time for the calls that are open when the server stops
 */
record WebLimits(
        int message,
        int metadata,
        int calls,
        int resetsPerSecond,
        Duration handshake,
        Duration idle,
        Duration age,
        Duration ageGrace,
        Duration keepAlive,
        Duration keepAliveTimeout,
        Duration stopGrace) {

    private static final DataSize GRPC_MESSAGE = DataSize.ofMegabytes(4);
    private static final DataSize GRPC_METADATA = DataSize.ofKilobytes(8);
    private static final Duration FOR_EVER = Duration.ofDays(1000);

    /** What comes before a message in the request line of a call by GET. */
    private static final int PATH = 4096;

    static WebLimits of(GrpcServerProperties server, OtherPort port) {
        return new WebLimits(
                (int) or(server.getMaxInboundMessageSize(), GRPC_MESSAGE).toBytes(),
                (int) or(server.getMaxInboundMetadataSize(), GRPC_METADATA).toBytes(),
                port.concurrentCallsPerConnection(),
                port.resetsPerSecond(),
                port.handshakeTimeout(),
                or(server.getMaxConnectionIdle(), FOR_EVER),
                or(server.getMaxConnectionAge(), FOR_EVER),
                or(server.getMaxConnectionAgeGrace(), FOR_EVER),
                server.isEnableKeepAlive() ? server.getKeepAliveTime() : FOR_EVER,
                server.getKeepAliveTimeout(),
                server.getShutdownGracePeriod());
    }

    /** Returns the bytes of method, path and parameters, which of a call by GET contain its message in base64. */
    int requestLine() {
        return message / 3 * 4 + PATH;
    }

    /** Returns the bytes of headers that are read: those that are too large are refused by a call. */
    int headers() {
        return 2 * metadata;
    }

    private static <T> T or(@Nullable T set, T standard) {
        return set == null ? standard : set;
    }
}
