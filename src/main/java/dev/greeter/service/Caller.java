package dev.greeter.service;

import io.grpc.Context;
import org.springframework.security.core.Authentication;

/** Where a service finds who calls it. */
public final class Caller {

    /**
     * Who makes the current call, by the name and with the authorities of the token or the certificate; null in methods
     * that the access table leaves open. As all of {@link Context}, it goes along to other threads only when taken.
     */
    public static final Context.Key<Authentication> KEY = Context.key("caller");

    private Caller() {}
}
