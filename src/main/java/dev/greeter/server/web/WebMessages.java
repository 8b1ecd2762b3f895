package dev.greeter.server.web;

import java.util.Objects;

/**
 * What all calls from the web have in common about their messages.
 *
 * @param limit of bytes in a request message, as it is on the wire and decompressed
 */
record WebMessages(JsonMessages json, ConnectErrors errors, int limit) {

    byte[] toProtobuf(byte[] message, ServedMethod method, WireFormat format) {
        return format.json() ? json.toProtobuf(message, Objects.requireNonNull(method.request())) : message;
    }

    byte[] fromProtobuf(byte[] message, ServedMethod method, WireFormat format) {
        return format.json() ? json.toJson(message, Objects.requireNonNull(method.response())) : message;
    }
}
