// SPDX-License-Identifier: MIT
#include "app/flows/flowdatabase.h"

#include "app/base/limits.h"
#include "app/flows/flowquery.h"

#include <QFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QUuid>

#include <algorithm>

namespace kirotray {

namespace {

constexpr qint64 FlowSchemaVersion = 1;
constexpr int MaxTrimRounds = 20;
constexpr qint64 IdlePages = 64; // free pages that stay for the next rows
constexpr qint64 MaxPagesAtOnce = 20'000; // the rest is for the next time

// The primary result codes of SQLite (sqlite.org/rescode.html).
constexpr int SqliteBusy = 5;
constexpr int SqliteLocked = 6;
constexpr int SqliteReadOnly = 8;
constexpr int SqliteIoError = 10;
constexpr int SqliteCorrupt = 11;
constexpr int SqliteFull = 13;
constexpr int SqliteConstraint = 19;
constexpr int SqliteNotADatabase = 26;

int primaryCode(const QSqlError &error)
{
    return error.nativeErrorCode().toInt() & 0xff;
}

FlowStore::Fault faultOf(const QSqlError &error)
{
    switch (primaryCode(error)) {
    case SqliteCorrupt:
    case SqliteNotADatabase:
        return FlowStore::Fault::Damaged;
    case SqliteFull:
    case SqliteIoError:
        return FlowStore::Fault::Full;
    case SqliteBusy:
    case SqliteLocked:
        return FlowStore::Fault::Locked;
    case SqliteReadOnly:
    default:
        return FlowStore::Fault::Unusable;
    }
}

/// SQLite gives its write-ahead log the same permissions.
bool makePrivate(const QString &file)
{
    QFile handle(file);
    if (!handle.open(QIODevice::ReadWrite))
        return false;
    return handle.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
}

} // namespace

FlowDatabase::FlowDatabase(QString file, QString driver)
    : m_file(std::move(file))
    , m_driver(std::move(driver))
    , m_connection(u"flows-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces))
{
}

FlowDatabase::~FlowDatabase()
{
    if (!QSqlDatabase::contains(m_connection))
        return;
    connection().close();
    QSqlDatabase::removeDatabase(m_connection);
}

QSqlDatabase FlowDatabase::connection() const
{
    return QSqlDatabase::database(m_connection, false);
}

Error FlowDatabase::failure(Fault fault, const QString &what)
{
    m_fault = fault;
    return {Error::Code::Storage, what, m_file};
}

Error FlowDatabase::failure(const QSqlError &error)
{
    QString what = error.databaseText().isEmpty() ? error.driverText() : error.databaseText();
    return failure(faultOf(error), what);
}

Result<Done> FlowDatabase::run(QSqlQuery &query)
{
    if (query.exec())
        return Done {};
    return failure(query.lastError());
}

Result<Done> FlowDatabase::run(const QString &statement)
{
    QSqlQuery query(connection());
    if (!query.exec(statement))
        return failure(query.lastError());
    return Done {};
}

Result<qint64> FlowDatabase::number(const QString &statement)
{
    QSqlQuery query(connection());
    if (!query.exec(statement) || !query.next())
        return failure(query.lastError());
    return query.value(0).toLongLong();
}

Result<Done> FlowDatabase::open()
{
    if (!QSqlDatabase::isDriverAvailable(m_driver))
        return failure(Fault::NoDriver, u"Qt's SQLite plugin is missing"_s);
    if (!makePrivate(m_file))
        return failure(Fault::Unusable, u"the file cannot be written"_s);
    QSqlDatabase database = QSqlDatabase::addDatabase(m_driver, m_connection);
    database.setDatabaseName(m_file);
    database.setConnectOptions(u"QSQLITE_BUSY_TIMEOUT=1000"_s);
    if (!database.open())
        return failure(database.lastError());
    // The first works only in an empty file.
    for (const QString &pragma :
         {u"PRAGMA auto_vacuum = INCREMENTAL"_s, u"PRAGMA journal_mode = WAL"_s,
          u"PRAGMA synchronous = NORMAL"_s, u"PRAGMA journal_size_limit = 1048576"_s})
        if (const Result<Done> done = run(pragma); !done)
            return done;
    return takeSchema();
}

Result<Done> FlowDatabase::takeSchema()
{
    const Result<qint64> version = number(u"PRAGMA user_version"_s);
    if (!version)
        return version.error();
    if (version.value() > FlowSchemaVersion)
        return failure(Fault::Newer, u"the file is of a later version of this program"_s);
    if (version.value() == 0) {
        const Result<Done> made = inTransaction([this]() -> Result<Done> {
            for (const QString &statement : flowSchema())
                if (const Result<Done> done = run(statement); !done)
                    return done;
            return run(u"PRAGMA user_version = %1"_s.arg(FlowSchemaVersion));
        });
        if (!made)
            return made;
    }
    // A table that is not ours is as useless as a damaged one.
    QSqlQuery query(connection());
    if (query.exec(u"SELECT %1 FROM flows LIMIT 1"_s.arg(flowColumns())))
        return Done {};
    return failure(Fault::Damaged, query.lastError().databaseText());
}

Result<Done> FlowDatabase::inTransaction(const std::function<Result<Done>()> &work)
{
    QSqlDatabase database = connection();
    if (!database.transaction())
        return failure(database.lastError());
    Result<Done> done = work();
    if (done && !database.commit())
        done = failure(database.lastError());
    if (!done)
        database.rollback();
    return done;
}

Result<Done> FlowDatabase::insertOne(QSqlQuery &query, const FlowRecord &record)
{
    bindFlow(query, record);
    if (query.exec())
        return Done {};
    if (primaryCode(query.lastError()) != SqliteConstraint)
        return failure(query.lastError());
    QSqlQuery rename(connection());
    if (!rename.prepare(u"UPDATE flows SET id = id || '-' || seq WHERE id = ?"_s))
        return failure(rename.lastError());
    rename.bindValue(0, record.id);
    if (const Result<Done> renamed = run(rename); !renamed)
        return renamed;
    bindFlow(query, record);
    return run(query);
}

Result<Done> FlowDatabase::insert(const std::vector<FlowRecord> &records)
{
    return inTransaction([this, &records]() -> Result<Done> {
        QSqlQuery query(connection());
        if (!query.prepare(flowInsert()))
            return failure(query.lastError());
        for (const FlowRecord &record : records)
            if (const Result<Done> done = insertOne(query, record); !done)
                return done;
        return Done {};
    });
}

Result<std::vector<FlowEntry>> FlowDatabase::entries(QSqlQuery &query)
{
    if (const Result<Done> done = run(query); !done)
        return done.error();
    std::vector<FlowEntry> entries;
    while (query.next())
        entries.push_back(flowOf(query));
    if (query.lastError().isValid())
        return failure(query.lastError());
    return entries;
}

Result<std::vector<FlowEntry>> FlowDatabase::find(const FlowFilter &filter)
{
    const FlowCondition condition = conditionOf(filter);
    QSqlQuery query(connection());
    query.setForwardOnly(true);
    if (!query.prepare(
            u"SELECT %1 FROM flows WHERE %2 ORDER BY started DESC, seq DESC LIMIT ?"_s.arg(
                flowColumns(), condition.where)))
        return failure(query.lastError());
    for (const QVariant &value : condition.values)
        query.addBindValue(value);
    query.addBindValue(std::clamp(filter.limit, 1, limits::MaxFlowPage));
    return entries(query);
}

Result<FlowEntry> FlowDatabase::entry(const QString &id)
{
    QSqlQuery query(connection());
    query.setForwardOnly(true);
    if (!query.prepare(u"SELECT %1 FROM flows WHERE id = ?"_s.arg(flowColumns())))
        return failure(query.lastError());
    query.bindValue(0, id);
    Result<std::vector<FlowEntry>> found = entries(query);
    if (!found)
        return found.error();
    if (found.value().empty())
        return unknownFlow();
    return std::move(found).value().front();
}

Result<Done> FlowDatabase::change(const QString &id, const FlowLog::Change &change)
{
    Result<FlowEntry> before = entry(id);
    if (!before)
        return before.error();
    FlowEntry after = std::move(before).value();
    after.bookmarked = change.bookmarked.value_or(after.bookmarked);
    after.note = change.note.value_or(after.note);
    after.tags = change.tags.value_or(after.tags);
    QSqlQuery query(connection());
    if (!query.prepare(
            u"UPDATE flows SET bookmarked = ?, note = ?, tags = ?, search = ? WHERE id = ?"_s))
        return failure(query.lastError());
    query.addBindValue(after.bookmarked ? 1 : 0);
    query.addBindValue(after.note.isNull() ? u""_s : after.note);
    query.addBindValue(tagsColumn(after.tags));
    query.addBindValue(searchTextOf(after));
    query.addBindValue(id);
    return run(query);
}

Result<Done> FlowDatabase::tally(FlowTally &tally)
{
    QSqlQuery query(connection());
    query.setForwardOnly(true);
    if (!query.prepare(
            u"SELECT %1 FROM flows WHERE started >= ? AND started < ?"_s.arg(sampleColumns())))
        return failure(query.lastError());
    query.addBindValue(tally.from().toMSecsSinceEpoch());
    query.addBindValue(tally.to().toMSecsSinceEpoch());
    if (const Result<Done> done = run(query); !done)
        return done;
    while (query.next())
        tally.add(sampleOf(query));
    if (query.lastError().isValid())
        return failure(query.lastError());
    return Done {};
}

Result<Done> FlowDatabase::clear()
{
    if (const Result<Done> done = run(u"DELETE FROM flows WHERE bookmarked = 0"_s); !done)
        return done;
    return releasePages();
}

Result<Done> FlowDatabase::trim(const QDateTime &oldest, qint64 maxBytes)
{
    QSqlQuery query(connection());
    if (!query.prepare(u"DELETE FROM flows WHERE started < ? AND bookmarked = 0"_s))
        return failure(query.lastError());
    query.bindValue(0, oldest.toMSecsSinceEpoch());
    if (const Result<Done> done = run(query); !done)
        return done;
    for (int round = 0; round < MaxTrimRounds; ++round) {
        const Result<qint64> used = usedBytes();
        if (!used)
            return used.error();
        if (used.value() <= maxBytes)
            break;
        const Result<bool> removed = removeOldest(used.value(), maxBytes);
        if (!removed)
            return removed.error();
        if (!removed.value())
            break;
    }
    return releasePages();
}

Result<qint64> FlowDatabase::usedBytes()
{
    return number(u"SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
                  "pragma_freelist_count, pragma_page_size"_s);
}

/// A tenth more than what is too much, so that the next records do not start it again. False: there
/// was nothing to remove.
Result<bool> FlowDatabase::removeOldest(qint64 used, qint64 maxBytes)
{
    const Result<qint64> rows = number(u"SELECT count(*) FROM flows"_s);
    if (!rows)
        return rows.error();
    const double share = static_cast<double>(used - maxBytes / 10 * 9) / static_cast<double>(used);
    const double excess = static_cast<double>(rows.value()) * share;
    QSqlQuery query(connection());
    if (!query.prepare(u"DELETE FROM flows WHERE seq IN (SELECT seq FROM flows "
                       "WHERE bookmarked = 0 ORDER BY started, seq LIMIT ?)"_s))
        return failure(query.lastError());
    query.bindValue(0, std::max<qint64>(1, static_cast<qint64>(excess)));
    if (const Result<Done> done = run(query); !done)
        return done.error();
    return query.numRowsAffected() > 0;
}

Result<Done> FlowDatabase::releasePages()
{
    const Result<qint64> free = number(u"PRAGMA freelist_count"_s);
    if (!free)
        return free.error();
    if (free.value() <= IdlePages)
        return Done {};
    const Result<Done> done = inTransaction([this, &free]() -> Result<Done> {
        // It frees a page a row, and Qt reads no rows of a statement without columns.
        QSqlQuery query(connection());
        if (!query.prepare(u"PRAGMA incremental_vacuum(1)"_s))
            return failure(query.lastError());
        for (qint64 page = 0; page < std::min(free.value(), MaxPagesAtOnce); ++page)
            if (const Result<Done> freed = run(query); !freed)
                return freed;
        return Done {};
    });
    if (!done)
        return done;
    return run(u"PRAGMA wal_checkpoint(TRUNCATE)"_s);
}

} // namespace kirotray
