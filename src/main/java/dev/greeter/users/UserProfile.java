package dev.greeter.users;

import dev.greeter.person.PersonName;

/** The values of a user that callers set. */
record UserProfile(PersonName name, EmailAddress email, LanguageTag language) {}
