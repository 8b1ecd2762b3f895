package dev.greeter.test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The part of HPACK for a peer that announces a dynamic table of size 0: literals without Huffman code. */
public final class Hpack {

    /** Stands among decoded headers for the size that the peer chooses for its dynamic table. */
    public static final String TABLE_SIZE = "(table size)";

    private Hpack() {}

    /** Encodes names and values, alternating, as literals without indexing. */
    public static byte[] encode(String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            string(namesAndValues[i], block);
            string(namesAndValues[i + 1], block);
        }
        return block.toByteArray();
    }

    private static void string(String text, ByteArrayOutputStream block) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int rest = bytes.length;
        if (rest < 0x7f) {
            block.write(rest);
        } else {
            block.write(0x7f);
            rest -= 0x7f;
            while (rest >= 0x80) {
                block.write((rest & 0x7f) | 0x80);
                rest >>= 7;
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    /** Returns the headers whose names are literal, {@code :status}, and a new {@link #TABLE_SIZE}. */
    public static Map<String, String> decode(byte[] block) {
        return new Decoder(block).headers();
    }

    private static final class Decoder {

        private static final String[] STATUSES = {"200", "204", "206", "304", "400", "404", "500"};

        private final byte[] block;
        private int position;

        Decoder(byte[] block) {
            this.block = block;
        }

        Map<String, String> headers() {
            Map<String, String> headers = new HashMap<>();
            while (position < block.length) {
                int first = block[position] & 0xff;
                if (first >= 0x80) {
                    int index = integer(7);
                    if (index >= 8 && index < 8 + STATUSES.length) {
                        headers.put(":status", STATUSES[index - 8]);
                    }
                } else if (first >= 0x20 && first < 0x40) {
                    headers.put(TABLE_SIZE, String.valueOf(integer(5)));
                } else {
                    int index = integer(first >= 0x40 ? 6 : 4);
                    String name = index == 0 ? string() : index == 8 ? ":status" : "indexed-" + index;
                    headers.put(name, string());
                }
            }
            return headers;
        }

        private int integer(int prefix) {
            int mask = (1 << prefix) - 1;
            int value = block[position++] & mask;
            if (value < mask) {
                return value;
            }
            int shift = 0;
            int next;
            do {
                next = block[position++];
                value += (next & 0x7f) << shift;
                shift += 7;
            } while (next < 0);
            return value;
        }

        private String string() {
            boolean huffman = block[position] < 0;
            int length = integer(7);
            String text = huffman ? "" : new String(block, position, length, StandardCharsets.ISO_8859_1);
            position += length;
            return text;
        }
    }
}
