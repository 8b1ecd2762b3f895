package dev.greeter.resilience;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A balancer of HTTP/2 as a distribution has it, configured as docs/cluster.md shows. */
enum Balancer {

    /** Asks each server for its readiness, and so learns of a stop before it happens. */
    HAPROXY(
            "haproxy",
            "-db -f",
            """
            global
                maxconn 4000
            defaults
                mode http
                timeout connect 1s
                timeout client 1h
                timeout server 1h
                option redispatch 1
                retries 3
            frontend callers
                bind %1$s:%2$d proto h2
                default_backend servers
            backend readiness
                option httpchk GET /actuator/health/readiness
                default-server check inter 500ms fall 1 rise 2
            %6$sbackend servers
                balance roundrobin
            %5$s""",
            "    server %1$s %2$s:%3$d proto h2 track readiness/%1$s%n",
            "    server %1$s %2$s:%4$d%n"),

    /** Learns of a stop by GOAWAY and refused connections only. */
    NGINX("nginx", "-c", """
            daemon off;
            user root;
            pid %4$s/nginx.pid;
            error_log %4$s/nginx-error.log warn;
            worker_processes 1;
            events { worker_connections 4000; }
            http {
                access_log off;
                client_body_temp_path %4$s/body;
                proxy_temp_path %4$s/proxy;
                fastcgi_temp_path %4$s/fastcgi;
                uwsgi_temp_path %4$s/uwsgi;
                scgi_temp_path %4$s/scgi;
                server {
                    listen %1$s:%2$d http2;
                    keepalive_requests 1000000;
                    location / {
                        grpc_pass grpc://servers;
                        grpc_connect_timeout 1s;
                        grpc_read_timeout 1h;
                        grpc_send_timeout 1h;
                    }
                }
                upstream servers {
                    keepalive 32;
                    keepalive_requests 1000000;
            %5$s    }
            }
            """, "        server %2$s:%3$d max_fails=1 fail_timeout=1s; # %1$s%n", "");

    private final String program;
    private final String options;
    private final String settings;
    private final String server;
    private final String check;

    Balancer(String program, String options, String settings, String server, String check) {
        this.program = program;
        this.options = options;
        this.settings = settings;
        this.server = server;
        this.check = check;
    }

    String program() {
        return program;
    }

    /** Starts it on a host, in front of the servers. */
    Process start(Host host, List<Host> servers, Path logs) throws IOException {
        Path directory = Files.createDirectory(logs.resolve(program));
        String text = settings.formatted(
                host.address(Network.FRONT),
                Cluster.PORT,
                Cluster.MANAGEMENT_PORT,
                directory,
                lines(server, servers),
                lines(check, servers));
        Path file = directory.resolve(program + ".conf");
        Files.writeString(file, text);
        return host.start(
                directory.resolve(program + ".log"),
                Splitter.on(' ').splitToList(program + " " + options + " " + file));
    }

    private static String lines(String line, List<Host> servers) {
        return servers.stream()
                .map(host ->
                        line.formatted(host.name(), host.address(Network.FRONT), Cluster.PORT, Cluster.MANAGEMENT_PORT))
                .collect(Collectors.joining());
    }
}
