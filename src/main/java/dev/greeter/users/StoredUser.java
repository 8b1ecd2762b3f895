package dev.greeter.users;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A user as stored.
 *
 * @param version 1 after the creation, incremented by each change
 */
record StoredUser(UUID id, UserProfile profile, Instant createTime, Instant updateTime, long version) {

    private static final long NO_VERSION = -1;

    /** Returns a new user with this time of {@link UserIds}. */
    static StoredUser create(long time, UserProfile profile) {
        Instant now = UserIds.instant(time);
        return new StoredUser(UserIds.of(time), profile, now, now, 1);
    }

    /** Returns an entity tag in the syntax of RFC 9110. */
    String etag() {
        return etag(version);
    }

    boolean matches(String etag) {
        return etag.isEmpty() || etag.equals(etag());
    }

    private static String etag(long version) {
        return "\"" + version + "\"";
    }

    /** Returns the version of this etag: null if it is empty, and a version that no user has if it is invalid. */
    static @Nullable Long version(String etag) {
        if (etag.isEmpty()) {
            return null;
        }
        try {
            long version = Long.parseLong(etag, 1, etag.length() - 1, 10);
            return etag.equals(etag(version)) ? version : NO_VERSION;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return NO_VERSION;
        }
    }
}
