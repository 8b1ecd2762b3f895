package dev.greeter.server.web;

import java.util.Objects;

/**
 * Properties of the messages of all calls from the web.
 *
 * @param limit maximum number of bytes of a request message, on the wire and decompressed
 */
record WebMessages(JsonMessages json, ConnectErrors errors, int limit) {

    byte[] toProtobuf(byte[] message, ServedMethod method, WireFormat format) {
        return format.json() ? json.toProtobuf(message, Objects.requireNonNull(method.request())) : message;
    }

    byte[] fromProtobuf(byte[] message, ServedMethod method, WireFormat format) {
        return format.json() ? json.toJson(message, Objects.requireNonNull(method.response())) : message;
    }
}
