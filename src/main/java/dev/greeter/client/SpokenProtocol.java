package dev.greeter.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** The protocol of a server that did not answer gRPC in plaintext, detected by probing the server. */
enum SpokenProtocol {
    HTTP_1,
    TLS,
    UNKNOWN;

    private static final int PATIENCE_MILLIS = 1000;

    /** Probes the server once for each protocol, for four seconds at most. */
    static SpokenProtocol of(InetSocketAddress server) {
        // A proxy such as nginx answers plaintext by HTTP/1.1 where it speaks TLS.
        if (speaksTls(server)) {
            return TLS;
        }
        return speaksHttp1(server) ? HTTP_1 : UNKNOWN;
    }

    private static boolean speaksHttp1(InetSocketAddress server) {
        try (Socket socket = connect(server)) {
            String request = "GET / HTTP/1.1\r\nHost: " + server.getHostString() + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes("HTTP/1.".length());
            return "HTTP/1.".equals(new String(answer, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean speaksTls(InetSocketAddress server) {
        SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
        try (Socket plain = connect(server);
                SSLSocket socket =
                        (SSLSocket) tls.createSocket(plain, server.getHostString(), server.getPort(), true)) {
            socket.startHandshake();
            return true;
        } catch (SSLException e) {
            // The server has sent a certificate, trusted or not.
            return Causes.has(e, CertificateException.class);
        } catch (IOException e) {
            return false;
        }
    }

    private static Socket connect(InetSocketAddress server) throws IOException {
        Socket socket = new Socket();
        socket.connect(
                server.isUnresolved() ? new InetSocketAddress(server.getHostString(), server.getPort()) : server,
                PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }
}
