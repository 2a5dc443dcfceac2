// SPDX-License-Identifier: MIT
#pragma once

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QUuid>
#include <QVariant>

namespace kirotray {

/// A file as kiro-cli writes it, with a connection of its own while this lives.
class CliDatabase
{
public:
    explicit CliDatabase(const QString &file)
        : m_connection(QUuid::createUuid().toString())
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
        database.setDatabaseName(file);
        database.open();
    }
    ~CliDatabase()
    {
        QSqlDatabase::database(m_connection).close();
        QSqlDatabase::removeDatabase(m_connection);
    }
    Q_DISABLE_COPY_MOVE(CliDatabase)

    bool run(const char *sql)
    {
        return QSqlQuery(QSqlDatabase::database(m_connection)).exec(QString::fromLatin1(sql));
    }
    bool makeTables()
    {
        return run("CREATE TABLE auth_kv (key TEXT PRIMARY KEY, value TEXT)")
            && run("CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB)");
    }
    bool put(const char *table, const char *key, const QVariant &value)
    {
        QSqlQuery query(QSqlDatabase::database(m_connection));
        query.prepare(QStringLiteral("INSERT OR REPLACE INTO %1 VALUES (?, ?)")
                          .arg(QString::fromLatin1(table)));
        query.addBindValue(QString::fromLatin1(key));
        query.addBindValue(value);
        return query.exec();
    }
    bool putText(const char *key, const QByteArray &value)
    {
        return put("auth_kv", key, QString::fromUtf8(value));
    }
    QByteArray text(const char *key)
    {
        QSqlQuery query(QSqlDatabase::database(m_connection));
        query.prepare(QStringLiteral("SELECT value FROM auth_kv WHERE key = ?"));
        query.addBindValue(QString::fromLatin1(key));
        return query.exec() && query.next() ? query.value(0).toByteArray() : QByteArray();
    }

private:
    QString m_connection;
};

} // namespace kirotray
