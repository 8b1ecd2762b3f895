package dev.greeter.users;

import dev.greeter.person.PersonName;
import dev.greeter.proto.users.v1.User;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a request and collects all violations; the values are valid only if there are none. */
final class RequestReader {

    private static final int DEFAULT_PAGE_SIZE = 50;
    private static final int MAX_PAGE_SIZE = 1_000;
    private static final Set<String> OUTPUT_ONLY = Set.of("id", "create_time", "update_time", "etag");
    private static final List<String> CHANGEABLE = List.of("name", "email", "language");
    // RFC 9562, section 4
    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    private static final int MAX_QUOTED = 64;
    private static final UUID NONE = new UUID(0, 0);

    private final List<Violation> violations = new ArrayList<>();

    List<Violation> violations() {
        return violations;
    }

    /** @throws UserFailure.RequestInvalid if there was a violation */
    void finish() {
        if (!violations.isEmpty()) {
            throw new UserFailure.RequestInvalid(violations);
        }
    }

    UUID id(String field, String value) {
        return uuid(field, value, "ID_INVALID");
    }

    @Nullable
    UUID requestId(String value) {
        return value.isEmpty() ? null : uuid("request_id", value, "REQUEST_ID_INVALID");
    }

    void present(boolean user) {
        if (!user) {
            refuse("user", "USER_MISSING", "is missing");
        }
    }

    /** Returns the profile, or null if it is invalid. */
    @Nullable
    UserProfile profile(User user) {
        PersonName name = name(user.getName());
        EmailAddress email = email(user.getEmail());
        LanguageTag language = language(user.getLanguage());
        return name == null || email == null || language == null ? null : new UserProfile(name, email, language);
    }

    ProfileChange change(User user, List<String> paths) {
        Set<String> changed = new LinkedHashSet<>();
        if (paths.isEmpty()) {
            changed.addAll(CHANGEABLE);
            changed.removeIf(field -> value(user, field).isEmpty());
        }
        for (String path : paths) {
            if (path.equals("*") && paths.size() == 1) {
                changed.addAll(CHANGEABLE);
            } else if (CHANGEABLE.contains(path)) {
                changed.add(path);
            } else if (!OUTPUT_ONLY.contains(path)) {
                refuse(
                        "update_mask",
                        "PATH_UNKNOWN",
                        "has the path \"" + shortened(path) + "\", which User does not have");
            }
        }
        return new ProfileChange(
                changed.contains("name") ? name(user.getName()) : null,
                changed.contains("email") ? email(user.getEmail()) : null,
                changed.contains("language") ? language(user.getLanguage()) : null);
    }

    int pageSize(int value) {
        if (value < 0) {
            refuse("page_size", "PAGE_SIZE_NEGATIVE", "must not be negative, but is " + value);
        }
        return value == 0 ? DEFAULT_PAGE_SIZE : Math.min(value, MAX_PAGE_SIZE);
    }

    void refuse(String field, String reason, String description) {
        violations.add(new Violation(field, reason, description));
    }

    private static String value(User user, String field) {
        return switch (field) {
            case "name" -> user.getName();
            case "email" -> user.getEmail();
            default -> user.getLanguage();
        };
    }

    private @Nullable PersonName name(String value) {
        Set<PersonName.Problem> problems = PersonName.Problem.allOf(value);
        for (PersonName.Problem problem : problems) {
            switch (problem) {
                case BLANK -> refuse("user.name", "NAME_BLANK", "must not be blank");
                case TOO_LONG ->
                    refuse(
                            "user.name",
                            "NAME_TOO_LONG",
                            "must not have more than " + PersonName.MAX_CODE_POINTS + " code points");
                case CONTROL_CHARACTER ->
                    refuse("user.name", "NAME_CONTROL_CHARACTER", "must not contain control characters");
            }
        }
        return problems.isEmpty() ? new PersonName(value) : null;
    }

    private @Nullable EmailAddress email(String value) {
        if (value.isEmpty()) {
            refuse("user.email", "EMAIL_MISSING", "is missing");
        } else if (value.length() > EmailAddress.MAX_LENGTH) {
            refuse(
                    "user.email",
                    "EMAIL_TOO_LONG",
                    "must not have more than " + EmailAddress.MAX_LENGTH + " characters");
        } else {
            try {
                return new EmailAddress(value);
            } catch (IllegalArgumentException e) {
                refuse("user.email", "EMAIL_INVALID", "is not an e-mail address");
            }
        }
        return null;
    }

    private @Nullable LanguageTag language(String value) {
        if (value.isEmpty()) {
            return LanguageTag.DEFAULT;
        }
        try {
            return new LanguageTag(value);
        } catch (IllegalArgumentException e) {
            refuse(
                    "user.language",
                    "LANGUAGE_INVALID",
                    "is not a BCP 47 language tag of at most " + LanguageTag.MAX_LENGTH + " characters");
            return null;
        }
    }

    private static String shortened(String path) {
        return path.codePointCount(0, path.length()) <= MAX_QUOTED
                ? path
                : path.substring(0, path.offsetByCodePoints(0, MAX_QUOTED)) + "...";
    }

    private UUID uuid(String field, String value, String reason) {
        // UUID.fromString accepts more, such as 1-1-1-1-1.
        if (UUID_TEXT.matcher(value).matches()) {
            return UUID.fromString(value);
        }
        refuse(field, reason, "is not a UUID");
        return NONE;
    }
}
