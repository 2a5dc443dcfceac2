// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowexport.h"
#include "app/flows/flowstore.h"

#include <QObject>

#include <memory>

namespace kirotray {

/// Owns the store of FlowLog and mends it: sets a damaged file aside, falls back to memory where no
/// file can be used. Lives on FlowLog's thread; has no parent, since it changes thread.
class FlowWorker : public QObject
{
    Q_OBJECT
public:
    /// An empty file name: memory.
    explicit FlowWorker(QString file);
    ~FlowWorker() override;

    void open(); ///< first
    void setRetention(int days, qint64 maxBytes); ///< and removes what is beyond it
    void trim();

    Result<Done> insert(const std::vector<FlowRecord> &records);
    Result<std::vector<FlowEntry>> find(const FlowFilter &filter);
    Result<FlowEntry> entry(const QString &id);
    Result<Done> change(const QString &id, const FlowLog::Change &change);
    Result<FlowStatistics> statistics(const QDateTime &from, const QDateTime &to);
    Result<QByteArray> exportText(FlowFilter filter, FlowExport format,
                                  const FlowBodiesById &bodies);
    /// Gives those of `ids` that are no more.
    Result<QStringList> clear(const QStringList &ids);

signals:
    void problem(const QString &what);

private:
    bool openDatabase();
    void openAgain();
    void useMemory(const QString &why);
    bool setAside(const QString &kind, const QString &why);
    bool mend();
    template <typename T, typename Work>
    Result<T> mended(Work work);

    QString m_file;
    std::unique_ptr<FlowStore> m_store;
    bool m_isWaiting = false; ///< the file could not be opened for want of room; it may be later
    int m_days = FlowLogSettings().days;
    qint64 m_maxBytes = FlowLogSettings().maxBytes;
};

} // namespace kirotray
