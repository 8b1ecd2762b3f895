package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.JarProcess;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A setting that cannot be used stops the packaged application with one message that names it, its value and its origin. */
class WrongSettingsIT {

    private static final int MOST_LINES = 32;
    private static final String FILE = "application.yml";

    /** Any port, and no greeting. */
    private static final Map<String, String> STANDARD = Map.of("GRPC_SERVER_PORT", "0", "GREETER_CLIENT_ENABLED", "no");

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', maxCharsPerColumn = 500, textBlock = """
                    --grpc.server.port                              | abc                      | grpc.server.port is "abc", which is not a whole number, the command line | 1
                    --grpc.server.port                              | 70000                    | grpc.server.port is "70000": It is not a port, the command line | 1
                    --grpc.server.keep-alive-time                   | abc                      | grpc.server.keep-alive-time is "abc", which is not a duration | 1
                    --server.ssl.certificate                        | /missing.pem             | SSL is enabled, server.ssl.certificate is "/missing.pem": the command line | 1
                    --spring.datasource.url                         | jdbc:foo:x               | spring.datasource.url is "jdbc:foo:x", no database driver accepts | 1
                    --greeter.client.service-config                 | file:/missing.json       | greeter.client.service-config, /missing.json | 1
                    --grpc.server.security.private-key              | file:server.key          | grpc.server.security.private-key has no effect, the command line | 1
                    --logging.pattern.level                         | %nope                    | [nope], logging.pattern.level is "%nope": the command line | 1
                    --logging.level.root                            | loud                     | logging.level.root is "loud", which is none of | 1
                    --spring.config.import                          | missing.yml              | missing.yml, does not exist | 1
                    --spring.application.json                       | {port: 1                 | spring.application.json cannot be read | 1
                    --greeter.client.token-file                     | /missing                 | greeter.client.token-file contains no token: no such file or folder: /missing | 1
                    --service.access[helloworld.Greeter/SayHello]   | scope:a b                | "scope:a b" is not open, authenticated or scope:NAME | 1
                    --port                                          | 9000                     | did you mean --grpc.server.port=9000? | 1
                    --help                                          |                          | --spring.profiles.active=client | 0
                    --version                                       |                          | Greeter 1.  | 0
                    --spring.profiles.active                        | clinet                   | Unknown profile "clinet" | 1
                    --grpc.server.address                           | somewhere                | grpc.server.address is "somewhere" | 1
                    --spring.sql.init.mode                          | sometimes                | spring.sql.init.mode is "sometimes", which is none of ALWAYS, the command line | 1
                    --grpc.server.keep-alive-time                   | 99999999999d             | grpc.server.keep-alive-time is "99999999999d": it is longer than 100 years, the command line | 1
                    SERVER_PORT                                     | abc                      | server.port is "abc", which is not a whole number, the environment variable SERVER_PORT | 1
                    SPRING_FLYWAY_ENABLED                           | maybe                    | spring.flyway.enabled is "maybe", SPRING_FLYWAY_ENABLED | 1
                    GRPC_SERVER_MAXINBOUNDMESSAGESIZE               | 64XB                     | grpc.server.max-inbound-message-size is "64XB", the environment variable GRPC_SERVER_MAXINBOUNDMESSAGESIZE | 1
                    SERVICE_LIMIT_CONNECTIONS                       | 0                        | service.limit.connections must be positive, the environment variable SERVICE_LIMIT_CONNECTIONS | 1
                    SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELO       | authenticated            | did you mean "[helloworld.Greeter/SayHello]" | 1
                    -Djava.io.tmpdir                                | /nonexistent             | java.io.tmpdir is "/nonexistent" | 1
                    application.yml                                 | grpc:\\n\\tserver: 1     | application.yml cannot be read, line 2, TAB | 1
                    application.yml                                 | a: b: c                  | application.yml cannot be read, line 1, column 5 | 1
                    application.yml                                 | a: 1\\na: 2              | application.yml cannot be read, line 2, duplicate key a | 1
                    application.yml                                 | service.strict: yes\\nservice.limit.max-conections: 1 | Unknown setting service.limit.max-conections (line 2 of, did you mean service.limit.connections? | 1
                    application.yml                                 | service.strict: yes\\ngrpc.server.prot: 1 | Unknown setting grpc.server.prot (line 2 of, did you mean grpc.server.port? | 1
                    application.yml                                 | logging.config: application.yml | logging.config is "application.yml": Content is not allowed in prolog, line 1 of | 1
                    application.yml                                 | greeter.client.tokn: x   | Unknown setting greeter.client.tokn (line 1 of, did you mean greeter.client.token? | 1
                    application.yml                                 | service.strict: yes\\ngrpc:\\n  server: 5 | grpc.server (line 3 of, is a group of settings | 1
                    --service.tls                                   | x                        | unknown option --service.tls | 1
                    --service.strict                                | true                     | grpc.server.security.enabled is not set, service.strict=false | 1
                    """)
    void oneMessageSaysWhatIsWrong(String name, String value, String parts, int exitCode) {
        Map<String, String> environment = new HashMap<>(STANDARD);
        Map<String, String> files = Map.of();
        List<String> jvmOptions = List.of();
        String[] arguments = {};
        if (name.startsWith("--")) {
            arguments = new String[] {value == null ? name : name + "=" + value};
        } else if (name.startsWith("-D")) {
            jvmOptions = List.of(name + "=" + value);
        } else if (name.equals(FILE)) {
            files = Map.of(FILE, value.replace("\\n", "\n").replace("\\t", "\t"));
        } else {
            environment.put(name, value);
        }

        try (JarProcess process = JarProcess.start(files, environment, jvmOptions, arguments)) {
            assertThat(process.awaitExit()).as(process.output()).isEqualTo(exitCode);
            assertThat(process.output())
                    .contains(parts.split(", "))
                    .doesNotContain("\tat ")
                    .satisfies(output -> assertThat(output.lines()).hasSizeLessThanOrEqualTo(MOST_LINES));
        }
    }
}
