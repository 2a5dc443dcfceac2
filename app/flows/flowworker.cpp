// SPDX-License-Identifier: MIT
#include "app/flows/flowworker.h"

#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/flows/flowdatabase.h"
#include "app/flows/flowmemory.h"

#include <QFile>
#include <QFileInfo>
#include <QThread>

#include <algorithm>

namespace kirotray {

namespace {

constexpr const char *DatabaseParts[] = {"-wal", "-shm"};

QString freeName(const QString &base)
{
    QString name = base;
    for (int copy = 2; QFileInfo::exists(name); ++copy)
        name = u"%1-%2"_s.arg(base).arg(copy);
    return name;
}

} // namespace

FlowWorker::FlowWorker(QString file)
    : m_file(std::move(file))
    , m_store(std::make_unique<FlowMemory>())
{
}

FlowWorker::~FlowWorker() = default;

void FlowWorker::open()
{
    Q_ASSERT(thread() == QThread::currentThread());
    if (!m_file.isEmpty() && !openDatabase())
        mend();
}

void FlowWorker::openAgain()
{
    m_isWaiting = false;
    if (!openDatabase())
        mend();
}

bool FlowWorker::openDatabase()
{
    auto database = std::make_unique<FlowDatabase>(m_file);
    const Result<Done> opened = database->open();
    m_store = std::move(database);
    if (!opened)
        qCWarning(logCore).noquote() << "flow database failed:" << describe(opened.error());
    return bool(opened);
}

void FlowWorker::useMemory(const QString &why)
{
    m_store = std::make_unique<FlowMemory>();
    emit problem(u"The history of requests is kept in memory only: %1."_s.arg(why));
}

/// After a failure: false when there is nothing to mend, or it could not be.
bool FlowWorker::mend()
{
    switch (m_store->fault()) {
    case FlowStore::Fault::None:
        return false;
    case FlowStore::Fault::Full:
    case FlowStore::Fault::Locked:
        m_isWaiting = true;
        return false;
    case FlowStore::Fault::Damaged:
        return setAside(u"broken"_s, u"is damaged"_s);
    case FlowStore::Fault::Newer:
        return setAside(u"newer"_s, u"is of a later version of this program"_s);
    case FlowStore::Fault::NoDriver:
        useMemory(u"Qt's SQLite plugin is missing"_s);
        return true;
    case FlowStore::Fault::Unusable:
        useMemory(u"%1 cannot be used"_s.arg(m_file));
        return true;
    }
    return false;
}

bool FlowWorker::setAside(const QString &kind, const QString &why)
{
    m_store = std::make_unique<FlowMemory>(); // closes the file
    const QString time = QDateTime::currentDateTimeUtc().toString(u"yyyyMMddTHHmmssZ"_s);
    const QString aside = freeName(u"%1.%2-%3"_s.arg(m_file, kind, time));
    if (!QFile::rename(m_file, aside)) {
        useMemory(u"%1 %2 and cannot be renamed"_s.arg(m_file, why));
        return true;
    }
    for (const char *part : DatabaseParts) {
        const QString suffix = QString::fromLatin1(part);
        QFile::rename(m_file + suffix, aside + suffix);
    }
    emit problem(u"The history of requests %1: it was kept as %2 and a new one begun."_s.arg(
        why, QFileInfo(aside).fileName()));
    if (!openDatabase())
        useMemory(u"%1 cannot be used"_s.arg(m_file));
    return true;
}

template <typename T, typename Work>
Result<T> FlowWorker::mended(Work work)
{
    Q_ASSERT(thread() == QThread::currentThread());
    if (m_isWaiting)
        openAgain();
    Result<T> result = work();
    if (result || result.error().code != Error::Code::Storage
        || m_store->fault() != FlowStore::Fault::Damaged || !mend())
        return result;
    return work();
}

void FlowWorker::setRetention(int days, qint64 maxBytes)
{
    m_days = days;
    m_maxBytes = maxBytes;
    trim();
}

void FlowWorker::trim()
{
    const QDateTime oldest = QDateTime::currentDateTimeUtc().addDays(-m_days);
    const Result<Done> done =
        mended<Done>([this, &oldest] { return m_store->trim(oldest, m_maxBytes); });
    if (!done)
        qCWarning(logCore).noquote() << "flows not trimmed:" << describe(done.error());
}

Result<Done> FlowWorker::insert(const std::vector<FlowRecord> &records)
{
    const Result<Done> done = mended<Done>([this, &records] { return m_store->insert(records); });
    if (done)
        trim();
    return done;
}

Result<std::vector<FlowEntry>> FlowWorker::find(const FlowFilter &filter)
{
    return mended<std::vector<FlowEntry>>([this, &filter] { return m_store->find(filter); });
}

Result<FlowEntry> FlowWorker::entry(const QString &id)
{
    return mended<FlowEntry>([this, &id] { return m_store->entry(id); });
}

Result<Done> FlowWorker::change(const QString &id, const FlowLog::Change &change)
{
    return mended<Done>([this, &id, &change] { return m_store->change(id, change); });
}

Result<FlowStatistics> FlowWorker::statistics(const QDateTime &from, const QDateTime &to)
{
    return mended<FlowStatistics>([this, &from, &to]() -> Result<FlowStatistics> {
        Result<FlowTally> tally = FlowTally::over(from, to);
        if (!tally)
            return tally.error();
        FlowTally sums = std::move(tally).value();
        if (const Result<Done> done = m_store->tally(sums); !done)
            return done.error();
        return sums.statistics();
    });
}

Result<QByteArray> FlowWorker::exportText(FlowFilter filter, FlowExport format,
                                          const FlowBodiesById &bodies)
{
    FlowExportWriter writer(format, bodies);
    for (int left = limits::MaxFlowExport; left > 0;) {
        filter.limit = std::min(left, limits::MaxFlowPage);
        const Result<std::vector<FlowEntry>> page = find(filter);
        if (!page)
            return page.error();
        for (const FlowEntry &entry : page.value())
            writer.add(entry);
        const auto count = static_cast<int>(page.value().size());
        if (count < filter.limit)
            break;
        left -= count;
        filter.before = page.value().back().record.id;
    }
    return writer.finish();
}

Result<QStringList> FlowWorker::clear(const QStringList &ids)
{
    if (const Result<Done> done = mended<Done>([this] { return m_store->clear(); }); !done)
        return done.error();
    QStringList gone;
    for (const QString &id : ids)
        if (!m_store->entry(id))
            gone.append(id);
    return gone;
}

} // namespace kirotray
