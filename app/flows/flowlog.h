// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/flows/flowbodies.h"
#include "app/flows/flowrecord.h"

#include <QObject>
#include <QStringList>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace kirotray {

/// A record with what the user added to it.
struct FlowEntry
{
    FlowRecord record;
    bool bookmarked = false; ///< is not purged
    QString note;
    QStringList tags;
    bool hasBodies = false;
};

/// Which flows. All conditions hold together; empty ones do not count.
struct FlowFilter
{
    QString text; ///< in model, account, client, outcome, note, tags; case does not matter
    QString accountId, model, client, clientKey, dialect;
    std::optional<bool> failed;
    std::optional<bool> bookmarked;
    QString tag;
    QDateTime from, to; ///< UTC; `to` excluded
    QString before; ///< id of the last flow of the page before; newest first
    int limit = 100; ///< at most limits::MaxFlowPage
};

struct FlowCount
{
    QString name; ///< account id, model, client; or the start of the hour or day, ISO, UTC
    qint64 requests = 0;
    qint64 failures = 0;
    qint64 inputTokens = 0, cachedTokens = 0, outputTokens = 0;
    double credits = 0;
    qint64 firstByteMsMedian = -1; ///< -1: no answers
};

struct FlowStatistics
{
    QDateTime from, to; ///< UTC
    FlowCount total;
    std::vector<FlowCount> byAccount, byModel, byClient;
    std::vector<FlowCount> byTime; ///< by hour up to two days, else by day; without gaps
};

enum class FlowExport { JsonLines, Har };

struct FlowLogSettings
{
    bool records = true;
    int days = 30; ///< older ones are purged
    qint64 maxBytes = 64 * 1024 * 1024; ///< of the database; oldest go first
    qint64 maxBodyBytes = 64 * 1024 * 1024; ///< of the ring of bodies, in memory
};

/// The history of requests: records in SQLite (flows.sqlite of the data folder), bodies in a memory
/// ring. The database lives on a thread of its own; nothing here waits for it: answers come queued,
/// once, and never after `context` is gone; the destructor gives those that are still due. A
/// database that is damaged is set aside (renamed, never deleted) and a new one is begun. Main
/// thread.
class FlowLog : public QObject
{
    Q_OBJECT
public:
    /// An empty file name: in memory only (the demo).
    explicit FlowLog(QString file, QObject *parent = nullptr);
    ~FlowLog() override; ///< what was added is written before

    void setSettings(const FlowLogSettings &settings);
    void add(const FlowRecord &record, const FlowBodiesPtr &bodies);

    template <typename T>
    using Callback = std::function<void(Result<T>)>;
    void find(const FlowFilter &filter, QObject *context, Callback<std::vector<FlowEntry>> done);
    /// Error::BadInput: unknown id.
    void entry(const QString &id, QObject *context, Callback<FlowEntry> done);
    FlowBodiesPtr bodies(const QString &id) const; ///< null: none are kept any more
    /// Bookmark, note and tags of one flow; absent ones stay.
    struct Change
    {
        std::optional<bool> bookmarked;
        std::optional<QString> note;
        std::optional<QStringList> tags;
    };
    void change(const QString &id, const Change &change, QObject *context, Callback<Done> done);
    /// An invalid `to` means now, an invalid `from` a day before it. Error::BadInput: the time is
    /// empty, or has more days than limits::MaxFlowPage.
    void statistics(const QDateTime &from, const QDateTime &to, QObject *context,
                    Callback<FlowStatistics> done);
    /// Redacted text of what the filter finds, limits::MaxFlowExport at most, whatever its limit
    /// of a page. `withBodies`: the four views of those that still have them.
    void exportText(const FlowFilter &filter, FlowExport format, bool withBodies, QObject *context,
                    Callback<QByteArray> done);
    void clear(QObject *context, Callback<Done> done); ///< bookmarked ones stay

signals:
    void added(const kirotray::FlowRecord &record); ///< after it can be found
    void problem(const QString &what); ///< English; such as a database that was set aside

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
