// SPDX-License-Identifier: MIT
#include "app/accounts/importers/sqlitefile.h"

#include <QFileInfo>
#include <QSqlError>
#include <QSqlQuery>
#include <QUuid>

namespace kirotray {

namespace {

/// Long enough for a write of the other program, short enough for a window that waits.
constexpr int BusyTimeout = 500; ///< ms

/// Its own text may hold parts of statements and values, so it is not passed on.
Error sqliteError(const QSqlError &error)
{
    const int code = error.nativeErrorCode().toInt() & 0xFF; // without the extended part
    switch (code) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
        return {Error::Code::Storage,
                u"is in use by another program: close it there, or try again"_s};
    case 8: // SQLITE_READONLY
        return {Error::Code::Storage, u"is read-only, or its own program must repair it first"_s};
    case 13: // SQLITE_FULL
        return {Error::Code::Storage, u"the disk is full"_s};
    case 3: // SQLITE_PERM
    case 10: // SQLITE_IOERR
    case 14: // SQLITE_CANTOPEN
        return {Error::Code::Storage, u"cannot be read"_s};
    default:
        return {Error::Code::BadInput, u"is no intact database of the expected form"_s};
    }
}

} // namespace

SqliteFile::SqliteFile(QString connection)
    : m_connection(std::move(connection))
{
}

SqliteFile::~SqliteFile()
{
    database().close();
    QSqlDatabase::removeDatabase(m_connection);
}

Result<std::unique_ptr<SqliteFile>> SqliteFile::open(const QString &file, Access access)
{
    if (!QFileInfo(file).isFile())
        return Error {Error::Code::Storage, u"is no file that can be read"_s, file};
    const QString connection = u"kirotray-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces);
    std::unique_ptr<SqliteFile> opened(new SqliteFile(connection));
    QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, connection);
    database.setDatabaseName(file);
    QString options = u"QSQLITE_BUSY_TIMEOUT=%1"_s.arg(BusyTimeout);
    if (access == Access::ReadOnly)
        options += u";QSQLITE_OPEN_READONLY"_s;
    database.setConnectOptions(options);
    if (!database.isValid())
        return Error {Error::Code::Storage, u"there is no SQLite driver"_s, file};
    if (!database.open())
        return sqliteError(database.lastError());
    return opened;
}

Result<std::optional<QByteArray>> SqliteFile::firstValue(const QString &sql,
                                                         const QVariantList &bound)
{
    QSqlQuery query(database());
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        return sqliteError(query.lastError());
    for (const QVariant &value : bound)
        query.addBindValue(value);
    if (!query.exec())
        return sqliteError(query.lastError());
    if (!query.next()) {
        if (query.lastError().isValid())
            return sqliteError(query.lastError());
        return std::optional<QByteArray>();
    }
    if (query.value(0).isNull())
        return std::optional<QByteArray>();
    return std::optional<QByteArray>(query.value(0).toByteArray());
}

Result<int> SqliteFile::change(const QString &sql, const QVariantList &bound)
{
    QSqlQuery query(database());
    if (!query.prepare(sql))
        return sqliteError(query.lastError());
    for (const QVariant &value : bound)
        query.addBindValue(value);
    if (!query.exec())
        return sqliteError(query.lastError());
    return query.numRowsAffected();
}

} // namespace kirotray
