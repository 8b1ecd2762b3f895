package dev.greeter.client;

import static dev.greeter.start.SettingRules.refuseBoth;
import static dev.greeter.start.SettingRules.refuseWithoutEffect;

import dev.greeter.credentials.LiveTls;
import dev.greeter.credentials.TlsFiles;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import net.devh.boot.grpc.client.config.GrpcChannelProperties;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import org.springframework.core.env.Environment;

/** Replaces the TLS that the starter sets up once for each client with one that reloads the same files. */
final class ClientTls implements GrpcChannelConfigurer, AutoCloseable {

    private static final List<String> OF_IDENTITY =
            List.of("certificate-chain", "private-key", "private-key-password", "key-store", "key-store-password");
    private static final List<String> OF_TLS = Stream.concat(
                    OF_IDENTITY.stream(),
                    Stream.of(
                            "client-auth-enabled",
                            "trust-cert-collection",
                            "trust-store",
                            "trust-store-password",
                            "ciphers",
                            "protocols"))
            .toList();

    private final GrpcChannelsProperties clients;
    private final Duration reload;
    private final MeterRegistry meters;
    private final Map<String, LiveTls> live = new ConcurrentHashMap<>();

    /** Reads the files of the configured clients, to fail with a clear message before the starter does. */
    ClientTls(GrpcChannelsProperties clients, Duration reload, MeterRegistry meters) {
        this.clients = clients;
        this.reload = reload;
        this.meters = meters;
        clients.getClient().keySet().stream()
                .filter(name -> clients.getChannel(name).getNegotiationType() == NegotiationType.TLS)
                .forEach(this::live);
    }

    /** Stops the start over settings of TLS that would have no effect, unless somebody has turned off what they need. */
    static void requireEffect(GrpcChannelsProperties clients, Environment environment) {
        clients.getClient().forEach((name, raw) -> {
            GrpcChannelProperties settings = clients.getChannel(name);
            String client = "grpc.client." + name + ".";
            String negotiation = client + "negotiation-type";
            if (settings.getNegotiationType() != NegotiationType.TLS && !environment.containsProperty(negotiation)) {
                refuseWithoutEffect(
                        environment,
                        client + "security.",
                        OF_TLS,
                        negotiation + " is not tls, and the client speaks plaintext",
                        "Set " + negotiation + "=tls, or say with plaintext that you want no TLS.");
            }
            String identity = client + "security.client-auth-enabled";
            if (!settings.getSecurity().isClientAuthEnabled() && !environment.containsProperty(identity)) {
                refuseWithoutEffect(
                        environment,
                        client + "security.",
                        OF_IDENTITY,
                        identity + " is not true, and the client shows no certificate",
                        "Set " + identity + "=true, or say with false that it shall show none.");
            }
            if (settings.getNegotiationType() == NegotiationType.TLS) {
                String security = client + "security.";
                refuseBoth(environment, security, List.of("certificate-chain", "private-key"), List.of("key-store"));
                refuseBoth(environment, security, List.of("trust-cert-collection"), List.of("trust-store"));
            }
        });
    }

    @Override
    public void accept(ManagedChannelBuilder<?> builder, String name) {
        GrpcChannelProperties settings = clients.getChannel(name);
        if (settings.getNegotiationType() != NegotiationType.TLS || !(builder instanceof NettyChannelBuilder channel)) {
            return;
        }
        LiveTls tls = live(name);
        SslContextBuilder context = GrpcSslContexts.forClient()
                .protocols(
                        TlsFiles.protocols(prefix(name), settings.getSecurity().getProtocols()));
        if (tls.keys() != null) {
            context.keyManager(tls.keys());
        }
        if (tls.trust() != null) {
            context.trustManager(tls.trust());
        }
        List<String> ciphers = settings.getSecurity().getCiphers();
        if (ciphers != null && !ciphers.isEmpty()) {
            context.ciphers(ciphers);
        }
        try {
            channel.sslContext(context.build());
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
        tls.follow(reload);
    }

    private LiveTls live(String name) {
        return live.computeIfAbsent(name, client -> {
            GrpcChannelProperties.Security security = clients.getChannel(client).getSecurity();
            LiveTls tls = new LiveTls(files(client, security));
            // The starter would read the files as well, and supports fewer formats of keys.
            security.setClientAuthEnabled(false);
            tls.bindTo(meters);
            return tls;
        });
    }

    private static TlsFiles files(String name, GrpcChannelProperties.Security settings) {
        return new TlsFiles(
                prefix(name),
                settings.isClientAuthEnabled(),
                settings.getCertificateChain(),
                settings.getPrivateKey(),
                settings.getPrivateKeyPassword(),
                settings.getKeyStore(),
                settings.getKeyStoreFormat(),
                settings.getKeyStorePassword(),
                settings.getTrustCertCollection(),
                settings.getTrustStore(),
                settings.getTrustStoreFormat(),
                settings.getTrustStorePassword());
    }

    private static String prefix(String name) {
        return "grpc.client." + name + ".security";
    }

    @Override
    public void close() {
        live.values().forEach(LiveTls::close);
    }
}
