// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QByteArray>
#include <QSqlDatabase>
#include <QVariantList>

#include <memory>
#include <optional>

namespace kirotray {

/// Another program's SQLite file, opened for a moment: a connection of its own, removed with this
/// object. Waits a short while for that program's locks (BusyTimeout). Main thread.
class SqliteFile
{
public:
    enum class Access { ReadOnly, ReadWrite };

    /// Error::Storage: missing, locked, or cannot be opened.
    static Result<std::unique_ptr<SqliteFile>> open(const QString &file, Access access);
    ~SqliteFile();
    Q_DISABLE_COPY_MOVE(SqliteFile)

    /// The bytes of the first column of the first row; absent without a row, or when it is NULL.
    /// Error::Storage: locked; Error::BadInput: damaged, or no such table. Never a value.
    Result<std::optional<QByteArray>> firstValue(const QString &sql, const QVariantList &bound);
    /// The number of changed rows.
    Result<int> change(const QString &sql, const QVariantList &bound = {});

private:
    explicit SqliteFile(QString connection);
    QSqlDatabase database() const { return QSqlDatabase::database(m_connection, false); }

    QString m_connection;
};

} // namespace kirotray
