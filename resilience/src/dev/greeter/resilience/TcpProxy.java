package dev.greeter.resilience;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network between a server and its database that can fail like a real one. */
final class TcpProxy implements AutoCloseable {

    // No outgoing connection uses a port of this address while nothing listens there.
    private static final String ADDRESS = "127.0.0.2";

    /** The fate of connections and of the bytes sent on them. */
    enum Mode {
        FORWARD,
        /** No connection is accepted, and the existing ones end. */
        REFUSE,
        /** All connections are reset. */
        RESET,
        /** All connections are kept, and their bytes arrive when the network works again. */
        HOLD,
        /** All connections are kept, and their bytes are lost, later ones included. */
        LOSE
    }

    private final int target;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private Mode mode = Mode.FORWARD;
    private ServerSocket listener;

    TcpProxy(int target) throws IOException {
        this.target = target;
        listener = listen(0);
        port = listener.getLocalPort();
    }

    String address() {
        return ADDRESS + ":" + port;
    }

    synchronized void mode(Mode next) throws IOException {
        mode = next;
        switch (next) {
            case FORWARD -> {
                if (listener.isClosed()) {
                    listener = listen(port);
                }
            }
            case REFUSE -> {
                listener.close();
                links.forEach(link -> link.close(false));
            }
            case RESET -> links.forEach(link -> link.close(true));
            case HOLD -> {}
            case LOSE -> links.forEach(Link::lose);
        }
        notifyAll();
    }

    private ServerSocket listen(int at) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(ADDRESS, at));
        start(() -> accept(socket));
        return socket;
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Link link = new Link(socket.accept());
                links.add(link);
                switch (mode()) {
                    case REFUSE -> link.close(false);
                    case RESET -> link.close(true);
                    case LOSE -> link.lose();
                    default -> {}
                }
                start(link::connect);
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    private synchronized Mode mode() {
        return mode;
    }

    private synchronized void awaitForwarding() throws InterruptedException {
        while (mode == Mode.HOLD) {
            wait();
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public synchronized void close() throws IOException {
        listener.close();
        links.forEach(link -> link.close(true));
    }

    /** One connection through the proxy. */
    private final class Link {

        private final Socket client;
        private final Socket server = new Socket();
        private volatile boolean lost;

        Link(Socket client) {
            this.client = client;
        }

        void lose() {
            lost = true;
        }

        void connect() {
            try {
                awaitForwarding();
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                start(() -> pass(server, client));
                pass(client, server);
            } catch (IOException | InterruptedException e) {
                close(true);
            }
        }

        private void pass(Socket from, Socket to) {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    awaitForwarding();
                    if (!lost) {
                        out.write(buffer, 0, n);
                    }
                }
                awaitForwarding();
                if (!lost) {
                    close(false);
                }
            } catch (IOException | InterruptedException e) {
                if (!lost) {
                    close(true);
                }
            }
        }

        void close(boolean reset) {
            links.remove(this);
            for (Socket socket : new Socket[] {client, server}) {
                try {
                    if (reset && !socket.isClosed()) {
                        socket.setSoLinger(true, 0);
                    }
                    socket.close();
                } catch (IOException e) {
                    // It is closed in any case.
                }
            }
        }
    }
}
