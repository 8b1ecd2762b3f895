package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.Hpack;
import dev.greeter.test.RawConnection;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever speaks another protocol on the port of gRPC is told where it is served. */
class OtherProtocolsTest {

    private final LimitedServer server;

    OtherProtocolsTest() throws IOException {
        server = LimitedServer.start();
    }

    @AfterEach
    void stop() throws IOException {
        RawConnection.closeAll();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1", "POST /helloworld.Greeter/SayHello HTTP/1.1", "PUT /x HTTP/1.0"})
    void aRequestOfHttp1IsAnsweredByOne(String line) throws IOException {
        assertThat(answer(line + "\r\nhost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 426 Upgrade Required\r\n")
                .endsWith("not served, as service.web.port is -1.\n");
    }

    @Test
    void theAnswerNamesTheWebPortWhereItIsOpen() throws IOException {
        OtherPort port = server.otherPort();
        port.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "web", new ChannelInboundHandlerAdapter());
        try {
            assertThat(answer("GET / HTTP/1.1\r\n\r\n")).contains("port " + port.number() + " (service.web.port)");
        } finally {
            port.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/json", "application/grpc-web+proto", "application/connect+json", "application/grpcx"
            })
    void aContentTypeThatIsNotGrpcsIs415(String contentType) throws Exception {
        isRefused("POST", RawConnection.SAY_HELLO, false, "content-type", contentType);
        isRefused("POST", RawConnection.SAY_HELLO, true, "content-type", contentType);
    }

    @Test
    void aRequestOfHttp2ByCurlOrABrowserIs415() throws Exception {
        isRefused("GET", "/", true, "accept", "*/*");
    }

    private void isRefused(String method, String path, boolean end, String header, String value) throws Exception {
        RawConnection connection = RawConnection.open(server.port());
        int stream = connection.start(
                Hpack.encode(
                        ":method", method, ":scheme", "http", ":path", path, ":authority", "localhost", header, value),
                end);
        connection.flush();

        assertThat(connection.answer(stream)).isEqualTo("INTERNAL");
        assertThat(connection.header(stream, ":status")).isEqualTo("415");
        assertThat(connection.header(stream, "accept-post")).startsWith("application/grpc");
        assertThat(connection.header(stream, "grpc-message")).contains("service.web.port");
    }

    @Test
    void bytesOfNoProtocolGetNoAnswerOfHttp1() throws IOException {
        assertThat(answer("\u0016\u0003\u0001nonsense that is longer than the preface"))
                .doesNotContain("HTTP/1.1");
    }

    private String answer(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
