package dev.greeter.server.call;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;

/**
 * Limits a failure to the size of trailers that clients accept: they report RESOURCE_EXHAUSTED instead of a larger
 * failure.
 */
final class TrailerLimit {

    /** The default limit of grpc-java and of gRPC's C core, minus what the transport and other interceptors add. */
    private static final int MAX_BYTES = 8 * 1024 - 512;

    /** The overhead that HTTP/2 counts for each entry: RFC 9113, section 6.5.2. */
    private static final int ENTRY_BYTES = 32;

    private static final int MAX_MESSAGE_BYTES = 1_000;
    private static final int MAX_DESCRIPTION_BYTES = 500;
    private static final int OMISSION_BYTES = 50;

    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private TrailerLimit() {}

    /** Closes the call with this status, shortened if necessary: its message, then its longest details. */
    static void close(ServerCall<?, ?> call, Status status, Metadata trailers) {
        String message = Objects.requireNonNullElse(status.getDescription(), "");
        if (status.isOk() || encodedSize(message) + size(trailers) <= MAX_BYTES) {
            call.close(status, trailers);
            return;
        }
        Metadata shortened = new Metadata();
        shortened.merge(trailers);
        shortened.discardAll(DETAILS);
        byte[] details = trailers.get(DETAILS);
        int available = Math.max(0, MAX_BYTES - size(shortened) - OMISSION_BYTES);
        String text = cut(message, Math.min(MAX_MESSAGE_BYTES, available));
        if (details != null) {
            // Base64 turns 3 bytes into 4.
            int left = (available - encodedSize(text) - size(DETAILS.name(), 0)) / 4 * 3;
            try {
                com.google.rpc.Status failure =
                        shortened(com.google.rpc.Status.parseFrom(details), text, left - OMISSION_BYTES);
                shortened.put(DETAILS, failure.toByteArray());
                text = failure.getMessage();
            } catch (InvalidProtocolBufferException e) {
                // No client could read the details either.
            }
        }
        call.close(status.withDescription(text), shortened);
    }

    private static com.google.rpc.Status shortened(com.google.rpc.Status failure, String message, int maxBytes)
            throws InvalidProtocolBufferException {
        com.google.rpc.Status.Builder result =
                failure.toBuilder().setMessage(message).clearDetails();
        int left = maxBytes - result.build().getSerializedSize();
        IdentityHashMap<Any, Any> kept = new IdentityHashMap<>();
        int omitted = 0;
        List<Any> shortestFirst = new ArrayList<>(failure.getDetailsList());
        shortestFirst.sort(Comparator.comparingInt(Any::getSerializedSize));
        for (Any detail : shortestFirst) {
            Any fitting = detail;
            if (embeddedSize(detail) > left && detail.is(BadRequest.class)) {
                BadRequest request = detail.unpack(BadRequest.class);
                BadRequest shorter = shortened(
                        request,
                        left - embeddedSize(detail.toBuilder().clearValue().build()));
                omitted += request.getFieldViolationsCount() - shorter.getFieldViolationsCount();
                fitting = Any.pack(shorter);
            }
            if (embeddedSize(fitting) <= left) {
                left -= embeddedSize(fitting);
                kept.put(detail, fitting);
            }
        }
        for (Any detail : failure.getDetailsList()) {
            if (kept.containsKey(detail)) {
                result.addDetails(kept.get(detail));
            }
        }
        return omitted == 0
                ? result.build()
                : result.setMessage(message + " (" + omitted + " violations are omitted.)")
                        .build();
    }

    private static BadRequest shortened(BadRequest request, int maxBytes) {
        BadRequest.Builder result = BadRequest.newBuilder();
        int left = maxBytes
                - embeddedSize(request.toBuilder().clearFieldViolations().build());
        for (FieldViolation violation : request.getFieldViolationsList()) {
            FieldViolation shorter = violation.toBuilder()
                    .setDescription(cut(violation.getDescription(), MAX_DESCRIPTION_BYTES))
                    .build();
            left -= embeddedSize(shorter);
            if (left < 0) {
                break;
            }
            result.addFieldViolations(shorter);
        }
        return result.build();
    }

    /** Returns the size of a message as a field of another, with the maximum for its tag and length. */
    private static int embeddedSize(com.google.protobuf.Message message) {
        return message.getSerializedSize() + 4;
    }

    private static int size(Metadata trailers) {
        int size = 0;
        for (String name : trailers.keys()) {
            if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                for (byte[] value : Objects.requireNonNull(
                        trailers.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER)))) {
                    size += size(name, (value.length * 4 + 2) / 3);
                }
            } else {
                for (String value : Objects.requireNonNull(
                        trailers.getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)))) {
                    size += size(name, value.length());
                }
            }
        }
        return size;
    }

    private static int size(String name, int valueBytes) {
        return name.length() + valueBytes + ENTRY_BYTES;
    }

    /** Returns the text, shortened at a code point to this encoded size. */
    private static String cut(String text, int maxBytes) {
        if (encodedSize(text) <= maxBytes) {
            return text;
        }
        int size = "...".length();
        int end = 0;
        while (end < text.length()) {
            int next = text.offsetByCodePoints(end, 1);
            size += encodedSize(text.substring(end, next));
            if (size > maxBytes) {
                break;
            }
            end = next;
        }
        return text.substring(0, end) + "...";
    }

    /** Returns the size of the text in {@code grpc-message}, which percent-encodes all except printable ASCII. */
    private static int encodedSize(String text) {
        int size = 0;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            size += b < ' ' || b > '~' || b == '%' ? 3 : 1;
        }
        return size;
    }
}
