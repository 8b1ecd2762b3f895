package dev.greeter.server.socket;

import dev.greeter.credentials.LiveTls;
import dev.greeter.credentials.TlsFiles;
import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNames;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replaces the TLS that the starter sets up once with one that reloads the same files, for the gRPC port and the other port. */
final class ServerTls implements GrpcServerConfigurer {

    private static final Logger log = LoggerFactory.getLogger(ServerTls.class);

    private static final String PREFIX = "grpc.server.security";

    private final SslContext context;
    private final SslContext otherContext;

    ServerTls(Security settings, LiveTls live, Duration reload) throws SSLException {
        this.context = context(settings, live, reload, ApplicationProtocolNames.HTTP_2);
        this.otherContext =
                context(settings, live, reload, ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
        live.follow(reload);
        log.info("TLS by {}", library());
        // The starter would read the files as well, and supports fewer formats of keys.
        settings.setEnabled(false);
    }

    private static SslContext context(Security settings, LiveTls live, Duration reload, String... applicationProtocols)
            throws SSLException {
        SslContextBuilder builder = GrpcSslContexts.configure(
                        SslContextBuilder.forServer(Objects.requireNonNull(live.keys())))
                .clientAuth(ClientAuth.valueOf(settings.getClientAuth().name()))
                .protocols(TlsFiles.protocols(PREFIX, settings.getProtocols()))
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        applicationProtocols))
                // A resumed session is not verified again, so it must not outlive a replaced file for longer than this.
                .sessionTimeout(Math.max(1, reload.toSeconds()));
        if (live.trust() != null) {
            builder.trustManager(new ClientTrust(live.trust()));
        }
        List<String> ciphers = settings.getCiphers();
        if (ciphers != null && !ciphers.isEmpty()) {
            builder.ciphers(ciphers);
        }
        return builder.build();
    }

    private static String library() {
        return OpenSsl.isAvailable()
                ? OpenSsl.versionString()
                : "the JDK, which is slower: there is no native library for this platform";
    }

    /** Returns the TLS of a port that speaks HTTP/2 and HTTP/1.1. */
    SslContext otherContext() {
        return otherContext;
    }

    static TlsFiles files(Security settings) {
        boolean clients = settings.getClientAuth() != net.devh.boot.grpc.server.config.ClientAuth.NONE;
        return new TlsFiles(
                PREFIX,
                true,
                settings.getCertificateChain(),
                settings.getPrivateKey(),
                settings.getPrivateKeyPassword(),
                settings.getKeyStore(),
                settings.getKeyStoreFormat(),
                settings.getKeyStorePassword(),
                clients ? settings.getTrustCertCollection() : null,
                clients ? settings.getTrustStore() : null,
                settings.getTrustStoreFormat(),
                settings.getTrustStorePassword());
    }

    @Override
    public void accept(ServerBuilder<?> builder) {
        if (builder instanceof NettyServerBuilder sockets) {
            sockets.sslContext(context);
        }
    }
}
