package dev.greeter.users;

import java.time.Instant;
import java.util.UUID;

/**
 * A user as stored.
 *
 * @param version 1 when created, one more after each change
 */
record StoredUser(UUID id, UserProfile profile, Instant createTime, Instant updateTime, long version) {

    static StoredUser create(UUID id, UserProfile profile, Instant now) {
        return new StoredUser(id, profile, now, now, 1);
    }

    StoredUser change(ProfileChange change, Instant now) {
        return new StoredUser(
                id, change.applyTo(profile), createTime, now.isBefore(updateTime) ? updateTime : now, version + 1);
    }

    /** Returns an entity tag in the syntax of RFC 9110. */
    String etag() {
        return "\"" + version + "\"";
    }

    boolean matches(String etag) {
        return etag.isEmpty() || etag.equals(etag());
    }
}
