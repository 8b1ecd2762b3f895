package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerAddressTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    127.0.0.1:50051                     | dns:///127.0.0.1:50051
                    localhost:50051                     | dns:///localhost:50051
                    greeter.example.org                 | dns:///greeter.example.org
                    [::1]:50051                         | dns:///%5B::1%5D:50051
                    dns:///localhost:50051              | dns:///localhost:50051
                    dns:///[::1]:50051                  | dns:///%5B::1%5D:50051
                    dns:localhost:50051                 | dns:///localhost:50051
                    dns:/localhost:50051                | dns:///localhost:50051
                    dns://8.8.8.8/localhost:50051       | dns://8.8.8.8/localhost:50051
                    static://127.0.0.1:50051            | static://127.0.0.1:50051
                    static:///127.0.0.1:50051           | static://127.0.0.1:50051
                    static:127.0.0.1:50051              | static://127.0.0.1:50051
                    static://[::1]:50051                | static://[::1]:50051
                    static://a:1,b:2                    | static://a%3A1%2Cb%3A2
                    static://a:1, b:2                   | static://a%3A1%2Cb%3A2
                    static://[::1]:1,127.0.0.1:2        | static://%5B%3A%3A1%5D%3A1%2C127.0.0.1%3A2
                    DNS:///localhost:50051              | dns:///localhost:50051
                    self:self                           | self:self
                    in-process:name                     | in-process:name
                    unix:/run/greeter.sock              | unix:/run/greeter.sock
                    unix:///run/greeter.sock            | unix:///run/greeter.sock
                    unix:greeter.sock                   | unix:greeter.sock
                    nowhere://x                         | nowhere://x
                    """)
    void anAddressIsTheUriThatGrpcExpects(String address, URI expected) {
        assertThat(ServerAddress.of(address)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    127.0.0.1:99999               | The port of "127.0.0.1:99999" is not a number from 1 to 65535
                    dns:///localhost:99999        | The port of "localhost:99999" is not a number from 1 to 65535
                    static://a:1,b:70000          | The port of "b:70000" is not a number from 1 to 65535
                    localhost:0                   | The port of "localhost:0" is not a number from 1 to 65535
                    localhost:123456789012        | The port of "localhost:123456789012" is not a number
                    localhost:http                | "localhost:http" is not HOST:PORT
                    dns:///localhost:             | "localhost:" is not HOST:PORT
                    ::1:50051                     | an IPv6 address needs brackets
                    dns:///a:1,b:2                | a list of servers begins with static://
                    static://a:1,                 | "" is not HOST:PORT
                    dns://localhost:50051         | Write dns:///localhost:50051
                    http://localhost:50051        | does not begin with http
                    https://localhost:50051       | TLS is the setting negotiation-type
                    localhost:50051/path          | "localhost:50051/path" is not HOST:PORT
                    HTTP://localhost:50051        | does not begin with http
                    user@localhost:50051          | "user@localhost:50051" is not HOST:PORT
                    unix://run/greeter.sock       | Write unix:///run/greeter.sock
                    unix:                         | does not name the file of a socket
                    unix:///                      | does not name the file of a socket
                    """)
    void whatIsNoAddressIsRefusedWithItsReason(String address, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ServerAddress.of(address))
                .withMessageContaining(reason);
    }

    @Test
    void blanksAroundAnAddressDoNotCount() {
        assertThat(ServerAddress.of(" localhost:50051\n")).isEqualTo(URI.create("dns:///localhost:50051"));
        assertThat(ServerAddress.first(" localhost:1 ")).contains(InetSocketAddress.createUnresolved("localhost", 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    localhost:1                | localhost | 1
                    dns:///localhost:1         | localhost | 1
                    dns://8.8.8.8/localhost:1  | localhost | 1
                    dns:localhost:1            | localhost | 1
                    static://a:1,b:2           | a         | 1
                    static://[::1]:1,b:2       | [::1]     | 1
                    """)
    void theFirstServerIsFoundInAnAddress(String address, String host, int port) {
        assertThat(ServerAddress.first(address)).contains(InetSocketAddress.createUnresolved(host, port));
    }

    @ParameterizedTest
    @CsvSource({"self:self", "in-process:name", "unix:/run/greeter.sock"})
    void anAddressOutsideTheNetworkHasNoFirstServer(String address) {
        assertThat(ServerAddress.first(address)).isEmpty();
    }
}
