package dev.greeter.start;

import java.time.Duration;

/** Rules for the values of settings, with messages that name the setting. */
public final class SettingRules {

    private SettingRules() {}

    public static void requirePositive(String name, Duration value) {
        require(!value.isNegative() && !value.isZero(), name, "positive", value);
    }

    public static void requirePositive(String name, long value) {
        require(value > 0, name, "positive", value);
    }

    public static void requireNotNegative(String name, Duration value) {
        require(!value.isNegative(), name, "zero or positive", value);
    }

    private static void require(boolean holds, String name, String rule, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " must be " + rule + ", but is " + value);
        }
    }
}
