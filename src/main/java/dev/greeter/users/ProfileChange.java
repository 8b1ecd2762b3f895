package dev.greeter.users;

import dev.greeter.person.PersonName;
import org.jspecify.annotations.Nullable;

/** The new values of a profile; null means unchanged. */
record ProfileChange(
        @Nullable PersonName name,
        @Nullable EmailAddress email,
        @Nullable LanguageTag language) {

    UserProfile applyTo(UserProfile profile) {
        return new UserProfile(
                name == null ? profile.name() : name,
                email == null ? profile.email() : email,
                language == null ? profile.language() : language);
    }
}
