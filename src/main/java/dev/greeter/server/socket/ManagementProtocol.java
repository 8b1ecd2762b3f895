package dev.greeter.server.socket;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioEndpoint;

/**
 * HTTP of the management port, with one message when no connection can be accepted: Tomcat's own, with a stack trace for
 * each attempt, is off. Public, as Tomcat makes it by its name.
 */
public final class ManagementProtocol extends Http11NioProtocol {

    public ManagementProtocol() {
        super(new Endpoint());
    }

    private static final class Endpoint extends NioEndpoint {

        private final AcceptFailures failures = new AcceptFailures("management");

        @Override
        protected SocketChannel serverSocketAccept() throws Exception {
            try {
                SocketChannel accepted = super.serverSocketAccept();
                failures.accepted();
                return accepted;
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                failures.failed(e);
                throw e;
            }
        }
    }
}
