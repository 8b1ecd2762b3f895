package dev.greeter.server.web;

import com.google.gson.JsonObject;
import dev.greeter.server.MethodDetail;
import io.grpc.Server;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;

/**
 * What the console shows of the application beside its methods.
 *
 * @param build null where the build writes no information about itself
 * @param commit null where the build knows no commit
 * @param details of each method
 */
record About(
        String name,
        @Nullable BuildProperties build,
        @Nullable GitProperties commit,
        List<MethodDetail> details) {

    JsonObject describe(Server server, int grpcPort) {
        JsonObject all = new ServiceCatalog(details).describe(server);
        all.addProperty("name", name);
        all.addProperty("grpcPort", grpcPort);
        if (build != null) {
            all.addProperty("version", build.getVersion());
        }
        if (commit != null) {
            all.addProperty("commit", commit.getShortCommitId());
        }
        return all;
    }
}
