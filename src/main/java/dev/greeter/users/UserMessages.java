package dev.greeter.users;

import com.google.protobuf.Timestamp;
import dev.greeter.proto.users.v1.User;
import java.time.Instant;

/** Converts users to messages of the contract. */
final class UserMessages {

    private UserMessages() {}

    static User of(StoredUser user) {
        return User.newBuilder()
                .setId(user.id().toString())
                .setName(user.profile().name().value())
                .setEmail(user.profile().email().value())
                .setLanguage(user.profile().language().value())
                .setCreateTime(timestamp(user.createTime()))
                .setUpdateTime(timestamp(user.updateTime()))
                .setEtag(user.etag())
                .build();
    }

    private static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }
}
