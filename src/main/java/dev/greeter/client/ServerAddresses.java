package dev.greeter.client;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/** Binds {@code grpc.client.NAME.address}, whose type is a URI, from every address that gRPC allows. */
final class ServerAddresses implements ConfigurationPropertiesBindHandlerAdvisor {

    private static final ConfigurationPropertyName CLIENTS = ConfigurationPropertyName.of("grpc.client");

    @Override
    public BindHandler apply(BindHandler handler) {
        return new AbstractBindHandler(handler) {

            @Override
            public @Nullable Object onSuccess(
                    ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
                Object bound = super.onSuccess(name, target, context, result);
                return isAddress(name) ? address(name, context) : bound;
            }

            @Override
            public void onFinish(
                    ConfigurationPropertyName name, Bindable<?> target, BindContext context, @Nullable Object result)
                    throws Exception {
                // A blank address becomes none, for which the starter takes the name of the client.
                if (result == null && isAddress(name)) {
                    context.getBinder().bind(name, Bindable.of(String.class)).ifBound(ServerAddress::of);
                }
                super.onFinish(name, target, context, result);
            }

            @Override
            public @Nullable Object onFailure(
                    ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error)
                    throws Exception {
                // It may be an address that java.net.URI refuses, such as 127.0.0.1:50051.
                return isAddress(name) ? address(name, context) : super.onFailure(name, target, context, error);
            }
        };
    }

    private static boolean isAddress(ConfigurationPropertyName name) {
        return name.getNumberOfElements() == 4
                && CLIENTS.isAncestorOf(name)
                && "address".equals(name.getLastElement(ConfigurationPropertyName.Form.UNIFORM));
    }

    private static URI address(ConfigurationPropertyName name, BindContext context) {
        Binder binder = context.getBinder();
        URI address =
                ServerAddress.of(binder.bind(name, Bindable.of(String.class)).get());
        // The starter finds its own server by its port alone.
        return "self".equals(address.getScheme())
                ? binder.bind("grpc.server.address", String.class)
                        .map(server -> server.startsWith("unix:") ? URI.create(server) : address)
                        .orElse(address)
                : address;
    }
}
