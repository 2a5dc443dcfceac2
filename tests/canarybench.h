// SPDX-License-Identifier: MIT
#pragma once

#include "app/core.h"
#include "app/simulator/simulator.h"

#include <QMap>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace kirotray {

/// The whole program without its windows, on the simulator, with a secret of its own in every place
/// that holds one; and the search for these secrets in everything that it leaves behind or gives
/// out. Everything is logged, to a file in the data folder and to stderr.
class CanaryBench : public QObject
{
    Q_OBJECT

protected:
    /// Made at the first call for this place.
    QByteArray canary(const QString &place);
    /// "place: where it was found" for each secret in `text`, also in the forms that encodings give
    /// it.
    QStringList findIn(const QByteArray &text, const QString &where) const;
    QStringList findInFolder(const QString &folder) const;
    /// Something that the program gave out: an answer, an error, an export.
    void keep(const QString &what, const QByteArray &text);
    QStringList findInKept() const;

    bool open(); ///< the program; its log goes to the data folder
    bool serve();
    bool close();
    /// Reads the vault of the closed program: what it was issued is secret too.
    bool learnIssuedSecrets();
    void import(const QString &name, const QByteArray &json); ///< keeps the outcome
    /// On a connection of its own; keeps the answer and gives its status.
    int call(const QByteArray &request, const QByteArrayList &headers, const QByteArray &body = {});

    Simulator simulator;
    QTemporaryDir data;
    QTemporaryDir elsewhere; ///< files of the user's own
    std::unique_ptr<Core> core;
    std::vector<FlowRecord> flows;

private:
    QMap<QString, QByteArray> m_canaries;
    QMap<QString, QByteArray> m_kept;
};

} // namespace kirotray
