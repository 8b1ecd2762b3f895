package dev.greeter.users;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.jspecify.annotations.Nullable;

/**
 * Makes the key of the page tokens before the first page, which can then be read while the database accepts no changes.
 */
final class PageTokenKeyMigration implements JavaMigration {

    /** Leaves the key of another instance as it is. */
    static final String INSERT = "insert into page_token_key (id, secret) values (1, ?) on conflict do nothing";

    @Override
    public MigrationVersion getVersion() {
        return MigrationVersion.fromVersion("3");
    }

    @Override
    public String getDescription() {
        return "page token key";
    }

    @Override
    public @Nullable Integer getChecksum() {
        return null;
    }

    @Override
    public boolean canExecuteInTransaction() {
        return true;
    }

    @Override
    public void migrate(Context context) throws SQLException {
        try (PreparedStatement insert = context.getConnection().prepareStatement(INSERT)) {
            insert.setBytes(1, PageTokens.newKey());
            insert.executeUpdate();
        }
    }
}
