package dev.greeter.greeting;

import dev.greeter.person.PersonName;

/** A call that cannot be answered with a greeting, and the language for the refusal. */
final class GreetingRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Language language;
    private final Text reason;
    private final String subject;
    private final String value;

    private GreetingRefusedException(Language language, Text reason, String subject, String value) {
        super(reason.key(), null, false, false);
        this.language = language;
        this.reason = reason;
        this.subject = subject;
        this.value = value;
    }

    /** Returns the name, or throws if it is invalid. */
    static String requireGreetable(String name, Language language) {
        PersonName.Problem problem = PersonName.Problem.of(name);
        if (problem != null) {
            throw of(problem, language);
        }
        return name;
    }

    private static GreetingRefusedException of(PersonName.Problem problem, Language language) {
        return switch (problem) {
            case BLANK -> new GreetingRefusedException(language, Text.NAME_BLANK, "field", "name");
            case TOO_LONG -> of(Text.NAME_TOO_LONG, PersonName.MAX_CODE_POINTS, language);
            case CONTROL_CHARACTER ->
                new GreetingRefusedException(language, Text.NAME_CONTROL_CHARACTER, "field", "name");
        };
    }

    static GreetingRefusedException of(Text reason, int limit, Language language) {
        return new GreetingRefusedException(language, reason, "limit", Integer.toString(limit));
    }

    Language language() {
        return language;
    }

    Text reason() {
        return reason;
    }

    /** Returns the kind of the value: a field or a limit. */
    String subject() {
        return subject;
    }

    /** Returns the argument of the texts: the field, or the limit that was exceeded. */
    String value() {
        return value;
    }
}
