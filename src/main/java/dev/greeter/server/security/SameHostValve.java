package dev.greeter.server.security;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Records whether a request comes from this host, by the addresses of its socket. It runs before any valve that
 * replaces them with addresses from headers, which Spring Boot does by default in Kubernetes.
 */
final class SameHostValve extends ValveBase {

    private static final String ATTRIBUTE = SameHostValve.class.getName();

    SameHostValve() {
        super(true);
    }

    static boolean isFromThisHost(ServletRequest request) {
        return Boolean.TRUE.equals(request.getAttribute(ATTRIBUTE));
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        note(request);
        getNext().invoke(request, response);
    }

    /** Checks for a loopback address, or the same address on both sides. */
    static void note(ServletRequest request) throws UnknownHostException {
        String peer = request.getRemoteAddr();
        request.setAttribute(
                ATTRIBUTE, InetAddress.getByName(peer).isLoopbackAddress() || peer.equals(request.getLocalAddr()));
    }
}
