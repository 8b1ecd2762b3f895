package dev.greeterbench;

import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;

/** A grpc-java server with one service and nothing else. */
public final class BareServer {

    private BareServer() {}

    /** @param args the port, and {@code direct} for calls on the event loop */
    public static void main(String[] args) throws IOException, InterruptedException {
        ServerBuilder<?> builder =
                ServerBuilder.forPort(Integer.parseInt(args[0])).addService(new HelloService());
        if (args.length > 1 && args[1].equals("direct")) {
            builder.directExecutor();
        }
        Server server = builder.build().start();
        server.awaitTermination();
    }
}
