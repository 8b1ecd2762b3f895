package dev.greeter.users;

import dev.greeter.person.PersonName;

/** What a caller decides about a user. */
record UserProfile(PersonName name, EmailAddress email, LanguageTag language) {}
