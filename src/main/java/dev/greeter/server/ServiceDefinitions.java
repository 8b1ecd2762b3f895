package dev.greeter.server;

import dev.greeter.start.SettingException;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;

/** Reads what services serve, and stops the start if one serves nothing. */
public final class ServiceDefinitions {

    private ServiceDefinitions() {}

    public static ServerServiceDefinition of(BindableService service) {
        ServerServiceDefinition definition = service.bindService();
        if (definition == null) {
            throw new SettingException(
                    "The service " + service.getClass().getSimpleName()
                            + " has no methods: its bindService() returned null, as that of a mock does.",
                    "Replace its answers with @MockitoSpyBean, or mock what it calls.",
                    null);
        }
        return definition;
    }
}
