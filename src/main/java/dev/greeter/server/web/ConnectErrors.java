package dev.greeter.server.web;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.Any;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.protobuf.StatusProto;
import java.util.Base64;
import java.util.Locale;

/** The errors and the ends of streams of Connect. */
final class ConnectErrors {

    private static final HttpResponseStatus CLIENT_CLOSED_REQUEST =
            HttpResponseStatus.valueOf(499, "Client Closed Request");

    private final JsonMessages json;

    ConnectErrors(JsonMessages json) {
        this.json = json;
    }

    JsonObject error(Status status, Metadata trailers) {
        JsonObject error = new JsonObject();
        error.addProperty("code", code(status.getCode()));
        if (status.getDescription() != null) {
            error.addProperty("message", status.getDescription());
        }
        com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(status, trailers);
        if (details.getDetailsCount() > 0) {
            JsonArray list = new JsonArray();
            details.getDetailsList().forEach(detail -> list.add(detail(detail)));
            error.add("details", list);
        }
        return error;
    }

    private JsonObject detail(Any any) {
        JsonObject detail = new JsonObject();
        detail.addProperty("type", any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1));
        detail.addProperty(
                "value",
                Base64.getEncoder()
                        .withoutPadding()
                        .encodeToString(any.getValue().toByteArray()));
        JsonElement readable = json.describe(any);
        if (readable != null) {
            detail.add("debug", readable);
        }
        return detail;
    }

    /** Returns the last message of a stream. */
    JsonObject endOfStream(Status status, Metadata trailers) {
        JsonObject end = new JsonObject();
        if (!status.isOk()) {
            end.add("error", error(status, trailers));
        }
        JsonObject metadata = new JsonObject();
        HttpMetadata.write(trailers, (name, value) -> {
            if (!metadata.has(name)) {
                metadata.add(name, new JsonArray());
            }
            metadata.getAsJsonArray(name).add(value);
        });
        if (!metadata.isEmpty()) {
            end.add("metadata", metadata);
        }
        return end;
    }

    static HttpResponseStatus httpStatus(Status.Code code) {
        return switch (code) {
            case OK -> HttpResponseStatus.OK;
            case CANCELLED -> CLIENT_CLOSED_REQUEST;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> HttpResponseStatus.BAD_REQUEST;
            case UNAUTHENTICATED -> HttpResponseStatus.UNAUTHORIZED;
            case PERMISSION_DENIED -> HttpResponseStatus.FORBIDDEN;
            case NOT_FOUND -> HttpResponseStatus.NOT_FOUND;
            case ALREADY_EXISTS, ABORTED -> HttpResponseStatus.CONFLICT;
            case RESOURCE_EXHAUSTED -> HttpResponseStatus.TOO_MANY_REQUESTS;
            case UNIMPLEMENTED -> HttpResponseStatus.NOT_IMPLEMENTED;
            case UNAVAILABLE -> HttpResponseStatus.SERVICE_UNAVAILABLE;
            case DEADLINE_EXCEEDED -> HttpResponseStatus.GATEWAY_TIMEOUT;
            case UNKNOWN, INTERNAL, DATA_LOSS -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
        };
    }

    private static String code(Status.Code code) {
        return code == Status.Code.CANCELLED ? "canceled" : code.name().toLowerCase(Locale.ROOT);
    }
}
