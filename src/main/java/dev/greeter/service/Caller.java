package dev.greeter.service;

import io.grpc.Context;
import org.springframework.security.core.Authentication;

/** The caller of a service. */
public final class Caller {

    /**
     * The caller of the current call, with the name and the authorities of the token or the certificate; null in
     * methods that the access table leaves open. Like all of {@link Context}, it has to be passed to other threads
     * explicitly.
     */
    public static final Context.Key<Authentication> KEY = Context.key("caller");

    private Caller() {}
}
