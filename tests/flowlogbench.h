// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowlog.h"

#include <QDir>
#include <QSqlDatabase>
#include <QTemporaryDir>
#include <QTest>

#include "flowsample.h"

namespace kirotray {

constexpr int FlowAnswerTimeout = 20'000;

/// What a call answered; counts its answers.
template <typename T>
struct Got
{
    std::optional<Result<T>> result;
    int answers = 0;
    FlowLog::Callback<T> taker()
    {
        return [this](Result<T> answer) {
            result.emplace(std::move(answer));
            ++answers;
        };
    }
    const T &value() const { return result->value(); }
};

inline QStringList idsOf(const std::vector<FlowEntry> &entries)
{
    QStringList ids;
    for (const FlowEntry &entry : entries)
        ids.append(entry.record.id);
    return ids;
}

/// A history of requests in a folder of its own for each test function. Rows named "file" and
/// "memory" say which of the two stores is meant.
class FlowLogBench : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        folder = std::make_unique<QTemporaryDir>();
        file = folder->filePath(QStringLiteral("flows.sqlite"));
        problems.clear();
    }
    void cleanup()
    {
        log.reset();
        QVERIFY2(QSqlDatabase::connectionNames().isEmpty(), "a connection was left");
    }

protected:
    static void stores()
    {
        QTest::addColumn<bool>("isFile");
        QTest::addRow("file") << true;
        QTest::addRow("memory") << false;
    }

    void open(bool isFile = true)
    {
        log = std::make_unique<FlowLog>(isFile ? file : QString());
        connect(log.get(), &FlowLog::problem, this,
                [this](const QString &what) { problems.append(what); });
    }

    void openAsRow()
    {
        QFETCH(bool, isFile);
        open(isFile);
    }

    void add(const std::vector<FlowRecord> &records)
    {
        for (const FlowRecord &record : records)
            log->add(record, {});
    }

    std::vector<FlowEntry> found(const FlowFilter &filter = {})
    {
        Got<std::vector<FlowEntry>> got;
        log->find(filter, this, got.taker());
        const bool came = QTest::qWaitFor([&got] { return got.answers > 0; }, FlowAnswerTimeout);
        if (!came || !*got.result)
            return {};
        return got.value();
    }

    QStringList asideFiles() const
    {
        return QDir(folder->path()).entryList({QStringLiteral("flows.sqlite.*-20*")}, QDir::Files);
    }

    Got<Done> changed(const QString &id, const FlowLog::Change &change)
    {
        auto got = std::make_shared<Got<Done>>();
        log->change(id, change, this, [got](Result<Done> answer) {
            got->result.emplace(std::move(answer));
            ++got->answers;
        });
        (void)QTest::qWaitFor([&got] { return got->answers > 0; }, FlowAnswerTimeout);
        return *got;
    }

    std::unique_ptr<QTemporaryDir> folder;
    QString file;
    std::unique_ptr<FlowLog> log;
    QStringList problems;
};

} // namespace kirotray
