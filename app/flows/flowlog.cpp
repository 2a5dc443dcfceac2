// SPDX-License-Identifier: MIT
#include "app/flows/flowlog.h"

#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/flows/flowbodyring.h"
#include "app/flows/flowworker.h"

#include <QCoreApplication>
#include <QPointer>
#include <QSet>
#include <QThread>
#include <QTimer>

#include <utility>

namespace kirotray {

namespace {

using namespace std::chrono_literals;

constexpr auto TrimInterval = 1h; // age is counted in days
constexpr auto WriteRetry = 10s; // after a write that failed
constexpr qsizetype MaxTagLength = 64;

using FlowBatch = std::shared_ptr<const std::vector<FlowRecord>>;

Error cancelled()
{
    return {Error::Code::Cancelled, u"The history is being closed."_s};
}

Result<FlowLog::Change> checkedChange(const FlowLog::Change &change)
{
    FlowLog::Change checked = change;
    if (change.note && change.note->toUtf8().size() > limits::MaxFlowNote)
        return Error {Error::Code::BadInput,
                      u"The note is longer than %1 bytes."_s.arg(limits::MaxFlowNote), u"note"_s};
    if (!change.tags)
        return checked;
    QStringList tags;
    for (const QString &given : *change.tags) {
        const QString tag = given.simplified(); // no line feeds: the file keeps one tag a line
        if (tag.size() > MaxTagLength)
            return Error {Error::Code::BadInput,
                          u"A tag is longer than %1 characters."_s.arg(MaxTagLength), u"tags"_s};
        if (!tag.isEmpty() && !tags.contains(tag))
            tags.append(tag);
    }
    if (tags.size() > limits::MaxFlowTags)
        return Error {Error::Code::BadInput,
                      u"There are more than %1 tags."_s.arg(limits::MaxFlowTags), u"tags"_s};
    checked.tags = tags;
    return checked;
}

} // namespace

/// The main thread's half: what waits to be written, and the callbacks of what was asked. A
/// QObject of its own, so that answers find it until the last one is in.
class FlowLog::Private : public QObject
{
public:
    Private(FlowLog *log, const QString &file);

    void close();
    void post(std::function<void()> task);
    template <typename T>
    void ask(std::function<Result<T>(FlowWorker &)> work, QObject *context,
             std::function<void(Result<T>)> done);
    template <typename T>
    void refuse(const Error &error, QObject *context, std::function<void(Result<T>)> done);

    void add(const FlowRecord &record);
    void flush();
    void onWritten(const FlowBatch &batch, const Result<Done> &done);
    void stall(const FlowBatch &batch, const Error &error);
    void reportDropped();

    FlowLog *q;
    FlowWorker *worker; ///< lives on `thread`; deleted when that ends
    QThread thread;
    FlowLogSettings settings;
    FlowBodyRing bodies;
    RedactedTexts texts;
    std::vector<FlowRecord> waiting;
    std::size_t inFlight = 0; ///< records that the worker has not confirmed
    qint64 dropped = 0;
    bool isFlushDue = false;
    bool isStalled = false; ///< the last write failed: wait for `retry`
    bool hasReportedStall = false;
    bool isClosing = false;
    QTimer retry;
    QTimer trimTimer;
};

FlowLog::Private::Private(FlowLog *log, const QString &file)
    : q(log)
    , worker(new FlowWorker(file))
{
    worker->moveToThread(&thread);
    connect(&thread, &QThread::finished, worker, &QObject::deleteLater);
    connect(worker, &FlowWorker::problem, this, [this](const QString &what) {
        if (!isClosing)
            emit q->problem(what);
    });
    bodies.setCapacity(settings.maxBodyBytes);
    retry.setSingleShot(true);
    retry.setInterval(WriteRetry);
    connect(&retry, &QTimer::timeout, this, [this] {
        isStalled = false;
        flush();
    });
    connect(&trimTimer, &QTimer::timeout, this, [this] { post([w = worker] { w->trim(); }); });
    trimTimer.start(TrimInterval);
    thread.setObjectName(u"flows"_s);
    thread.start();
    post([w = worker] { w->open(); });
}

/// What is queued is written, the thread joined, and what was asked answered.
void FlowLog::Private::close()
{
    isStalled = false;
    flush();
    isClosing = true;
    post([end = &thread] { end->quit(); });
    thread.wait();
    QCoreApplication::sendPostedEvents(this, QEvent::MetaCall);
}

void FlowLog::Private::post(std::function<void()> task)
{
    QMetaObject::invokeMethod(worker, std::move(task), Qt::QueuedConnection);
}

template <typename T>
void FlowLog::Private::ask(std::function<Result<T>(FlowWorker &)> work, QObject *context,
                           std::function<void(Result<T>)> done)
{
    if (isClosing) { // by a callback of the last answers
        done(cancelled());
        return;
    }
    flush();
    const QPointer<QObject> guard(context);
    post([this, w = worker, work = std::move(work), guard, done = std::move(done)] {
        auto result = std::make_shared<Result<T>>(work(*w));
        QMetaObject::invokeMethod(
            this,
            [result, guard, done] {
                if (guard)
                    done(std::move(*result));
            },
            Qt::QueuedConnection);
    });
}

template <typename T>
void FlowLog::Private::refuse(const Error &error, QObject *context,
                              std::function<void(Result<T>)> done)
{
    const QPointer<QObject> guard(context);
    QMetaObject::invokeMethod(
        this,
        [error, guard, done = std::move(done)] {
            if (guard)
                done(error);
        },
        Qt::QueuedConnection);
}

void FlowLog::Private::add(const FlowRecord &record)
{
    if (waiting.size() + inFlight >= limits::MaxFlowQueue) {
        if (dropped++ == 0)
            emit q->problem(u"Requests come faster than their history can be written: some are "
                            "left out."_s);
        return;
    }
    waiting.push_back(redactedRecord(record, texts));
    if (isFlushDue || isStalled)
        return;
    isFlushDue = true;
    QMetaObject::invokeMethod(
        this, [this] { flush(); }, Qt::QueuedConnection);
}

void FlowLog::Private::flush()
{
    isFlushDue = false;
    if (waiting.empty() || isStalled || isClosing)
        return;
    const auto batch = std::make_shared<const std::vector<FlowRecord>>(std::exchange(waiting, {}));
    inFlight += batch->size();
    post([this, w = worker, batch] {
        const Result<Done> done = w->insert(*batch);
        QMetaObject::invokeMethod(
            this, [this, batch, done] { onWritten(batch, done); }, Qt::QueuedConnection);
    });
}

void FlowLog::Private::onWritten(const FlowBatch &batch, const Result<Done> &done)
{
    inFlight -= batch->size();
    if (!done) {
        stall(batch, done.error());
        return;
    }
    hasReportedStall = false;
    if (isClosing)
        return;
    for (const FlowRecord &record : *batch)
        emit q->added(record);
    if (inFlight == 0 && waiting.empty())
        reportDropped();
}

/// The records are kept for another attempt.
void FlowLog::Private::stall(const FlowBatch &batch, const Error &error)
{
    waiting.insert(waiting.begin(), batch->begin(), batch->end());
    if (isClosing) {
        qCWarning(logCore).noquote()
            << "flows lost:" << batch->size() << "could not be written:" << describe(error);
        return;
    }
    if (!std::exchange(hasReportedStall, true))
        emit q->problem(
            u"The history of requests cannot be written for now: %1."_s.arg(error.what));
    isStalled = true;
    retry.start();
}

void FlowLog::Private::reportDropped()
{
    if (dropped == 0)
        return;
    const qint64 count = std::exchange(dropped, 0);
    emit q->problem(u"The history of requests is written again; %1 were left out."_s.arg(count));
}

FlowLog::FlowLog(QString file, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, file))
{
}

FlowLog::~FlowLog()
{
    d->close();
}

void FlowLog::setSettings(const FlowLogSettings &settings)
{
    d->settings = settings;
    d->bodies.setCapacity(settings.maxBodyBytes);
    d->post(
        [worker = d->worker, settings] { worker->setRetention(settings.days, settings.maxBytes); });
    d->isStalled = false; // perhaps there is room now
    d->flush();
}

void FlowLog::add(const FlowRecord &record, const FlowBodiesPtr &bodies)
{
    if (!d->settings.records)
        return;
    d->bodies.add(record.id, bodies);
    d->add(record);
}

void FlowLog::find(const FlowFilter &filter, QObject *context,
                   Callback<std::vector<FlowEntry>> done)
{
    d->ask<std::vector<FlowEntry>>(
        [filter](FlowWorker &worker) { return worker.find(filter); }, context,
        [this, done = std::move(done)](Result<std::vector<FlowEntry>> found) {
            if (!found) {
                done(std::move(found));
                return;
            }
            std::vector<FlowEntry> entries = std::move(found).value();
            for (FlowEntry &entry : entries)
                entry.hasBodies = d->bodies.contains(entry.record.id);
            done(std::move(entries));
        });
}

void FlowLog::entry(const QString &id, QObject *context, Callback<FlowEntry> done)
{
    d->ask<FlowEntry>([id](FlowWorker &worker) { return worker.entry(id); }, context,
                      [this, done = std::move(done)](Result<FlowEntry> found) {
                          if (!found) {
                              done(std::move(found));
                              return;
                          }
                          FlowEntry entry = std::move(found).value();
                          entry.hasBodies = d->bodies.contains(entry.record.id);
                          done(std::move(entry));
                      });
}

FlowBodiesPtr FlowLog::bodies(const QString &id) const
{
    return d->bodies.find(id);
}

void FlowLog::change(const QString &id, const Change &change, QObject *context, Callback<Done> done)
{
    const Result<Change> checked = checkedChange(change);
    if (!checked) {
        d->refuse<Done>(checked.error(), context, std::move(done));
        return;
    }
    d->ask<Done>(
        [id, valid = checked.value()](FlowWorker &worker) { return worker.change(id, valid); },
        context, std::move(done));
}

void FlowLog::statistics(const QDateTime &from, const QDateTime &to, QObject *context,
                         Callback<FlowStatistics> done)
{
    d->ask<FlowStatistics>([from, to](FlowWorker &worker) { return worker.statistics(from, to); },
                           context, std::move(done));
}

void FlowLog::exportText(const FlowFilter &filter, FlowExport format, bool withBodies,
                         QObject *context, Callback<QByteArray> done)
{
    const FlowBodiesById bodies = withBodies ? d->bodies.all() : FlowBodiesById {};
    d->ask<QByteArray>(
        [filter, format, bodies](FlowWorker &worker) {
            return worker.exportText(filter, format, bodies);
        },
        context, std::move(done));
}

void FlowLog::clear(QObject *context, Callback<Done> done)
{
    d->waiting.clear();
    const QPointer<QObject> guard(context);
    // The bodies go whether or not anybody still wants the answer.
    d->ask<QStringList>([ids = d->bodies.ids()](FlowWorker &worker) { return worker.clear(ids); },
                        d.get(),
                        [this, guard, done = std::move(done)](Result<QStringList> gone) {
                            if (gone)
                                for (const QString &id : gone.value())
                                    d->bodies.remove(id);
                            if (!guard)
                                return;
                            if (gone)
                                done(Done {});
                            else
                                done(gone.error());
                        });
}

} // namespace kirotray
