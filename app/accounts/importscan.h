// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QMap>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace kirotray {

/// Where a user's files lie. Passed in, so that every system can be tested on any.
struct ScanPlaces
{
    enum class System { Linux, MacOS, Windows };
    System system = System::Linux;
    QString home;
    QMap<QString, QString> environment;

    static ScanPlaces ofThisUser();
};

struct ScanFinding
{
    QString file;
    QString format; ///< as ImportFinding; empty with an error
    int accounts = 0;
    std::optional<Error> error; ///< it is there, but cannot be imported
};

/// The files that sign-ins of other programs are known to lie in (kiro-protocol §7.1, §7.2, §7.5
/// and the environment variables named there), whether they exist or not; absolute, each once.
QStringList knownCredentialFiles(const ScanPlaces &places);

/// Those that exist, with what is in them. Reads only; a second for each locked database at most.
std::vector<ScanFinding> scanForAccounts(const ScanPlaces &places);

} // namespace kirotray
