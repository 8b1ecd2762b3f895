package dev.greeter.database;

import java.sql.Connection;
import java.sql.SQLException;
import org.h2.store.fs.FileUtils;

/** What H2 does with the file of a database that this process has opened. */
final class H2File {

    /** H2's SQLSTATE. */
    private static final String CLOSED = "90121";

    private static final long SMALL_BYTES = 16L * 1024 * 1024;

    /** H2 writes some 100 MB/s, and a stop must not take long. */
    private static final long LARGE_BYTES = 1024L * 1024 * 1024;

    private H2File() {}

    /** Closes a database that was opened for reading only, because the disk was full, if it is not full any more. */
    static boolean reopens(Connection connection) throws SQLException {
        boolean reopens = connection.isReadOnly() && FileUtils.canWrite(file(connection));
        if (reopens) {
            Sql.execute(connection, "shutdown immediately");
        }
        return reopens;
    }

    /** Closes a database whose file was deleted or replaced: changes would be acknowledged and lost with the old file. */
    static void requireSame(Connection connection) throws SQLException {
        if (isReplaced(connection)) {
            Sql.execute(connection, "shutdown immediately");
            throw new SQLException("its file was deleted or replaced", CLOSED);
        }
    }

    private static boolean isReplaced(Connection connection) {
        try {
            return H2FilePath.isReplaced(file(connection));
        } catch (SQLException e) {
            // It is closed already.
            return false;
        }
    }

    /** Closes the database and makes a smaller file, by a copy, if at least half of it is of no use. */
    static void compact(Connection connection) throws SQLException {
        String file = file(connection);
        long size = FileUtils.size(file);
        long used =
                size * percent(connection, "info.FILL_RATE") / 100 * percent(connection, "info.CHUNKS_FILL_RATE") / 100;
        if (size > SMALL_BYTES && size < LARGE_BYTES && used < size / 2 && H2FilePath.usableSpace(file) > size) {
            Sql.execute(connection, "shutdown defrag");
        }
    }

    private static String file(Connection connection) throws SQLException {
        return Sql.query(connection, "select coalesce(database_path(), '')") + ".mv.db";
    }

    private static long percent(Connection connection, String name) throws SQLException {
        return Long.parseLong(Sql.query(
                connection,
                "select coalesce(max(setting_value), '100') from information_schema.settings where setting_name = '"
                        + name + "'"));
    }
}
