// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowstore.h"

#include <functional>

class QSqlDatabase;
class QSqlError;
class QSqlQuery;

namespace kirotray {

/// Records in an SQLite file that only its owner can read, with a write-ahead log. One connection,
/// of the thread that makes the object; destroyed on it too.
class FlowDatabase : public FlowStore
{
public:
    /// `driver` is Qt's name of the plugin.
    explicit FlowDatabase(QString file, QString driver = u"QSQLITE"_s);
    ~FlowDatabase() override;

    Result<Done> open(); ///< once, before all else; fault() tells why it failed

    Result<Done> insert(const std::vector<FlowRecord> &records) override;
    Result<std::vector<FlowEntry>> find(const FlowFilter &filter) override;
    Result<FlowEntry> entry(const QString &id) override;
    Result<Done> change(const QString &id, const FlowLog::Change &change) override;
    Result<Done> tally(FlowTally &tally) override;
    Result<Done> clear() override;
    Result<Done> trim(const QDateTime &oldest, qint64 maxBytes) override;
    Fault fault() const override { return m_fault; }

private:
    QSqlDatabase connection() const;
    Error failure(const QSqlError &error);
    Error failure(Fault fault, const QString &what);
    Result<Done> run(QSqlQuery &query);
    Result<Done> run(const QString &statement);
    Result<qint64> number(const QString &statement);
    Result<Done> inTransaction(const std::function<Result<Done>()> &work);
    Result<Done> takeSchema();
    Result<Done> insertOne(QSqlQuery &query, const FlowRecord &record);
    Result<std::vector<FlowEntry>> entries(QSqlQuery &query);
    Result<qint64> usedBytes();
    Result<bool> removeOldest(qint64 used, qint64 maxBytes);
    Result<Done> releasePages();

    QString m_file;
    QString m_driver;
    QString m_connection; ///< its name; no other has it
    Fault m_fault = Fault::None;
};

} // namespace kirotray
