package dev.greeterbench;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.io.File;
import java.io.IOException;

/** A grpc-java server with one service and nothing else. */
public final class BareServer {

    private BareServer() {}

    /** @param args the port, {@code direct} for calls on the event loop, and for TLS the certificate and its key */
    public static void main(String[] args) throws IOException, InterruptedException {
        ServerCredentials credentials = args.length > 3
                ? TlsServerCredentials.create(new File(args[2]), new File(args[3]))
                : InsecureServerCredentials.create();
        ServerBuilder<?> builder = Grpc.newServerBuilderForPort(Integer.parseInt(args[0]), credentials)
                .addService(new HelloService());
        if (args.length > 1 && args[1].equals("direct")) {
            builder.directExecutor();
        }
        Server server = builder.build().start();
        server.awaitTermination();
    }
}
