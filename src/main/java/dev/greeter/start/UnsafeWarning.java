package dev.greeter.start;

import java.lang.reflect.Field;

/** Keeps the JDK, from 24 on, from warning of protobuf's use of {@code sun.misc.Unsafe}: no entry of a manifest allows it. */
final class UnsafeWarning {

    private UnsafeWarning() {}

    /** Lets the warning, which comes once, count as given. */
    static void suppress() {
        try {
            Field given = Class.forName("sun.misc.Unsafe").getDeclaredField("memoryAccessWarned");
            given.setAccessible(true);
            given.setBoolean(null, true);
        } catch (ReflectiveOperationException | RuntimeException anotherJdk) {
            // It does not warn, or does so in another way.
        }
    }
}
