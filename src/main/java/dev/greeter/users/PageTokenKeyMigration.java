package dev.greeter.users;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.flywaydb.core.api.migration.Context;

/**
 * Makes the key of the page tokens before the first page, which can then be read while the database accepts no changes.
 */
final class PageTokenKeyMigration extends UserMigration {

    /** Leaves the key of another instance as it is. */
    static final String INSERT = "insert into page_token_key (id, secret) values (1, ?) on conflict do nothing";

    PageTokenKeyMigration() {
        super("3", "page token key");
    }

    @Override
    public void migrate(Context context) throws SQLException {
        try (PreparedStatement insert = context.getConnection().prepareStatement(INSERT)) {
            insert.setBytes(1, PageTokens.newKey());
            insert.executeUpdate();
        }
    }
}
