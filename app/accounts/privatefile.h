// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QByteArray>

namespace kirotray {

/// The whole file. Error::Storage: it cannot be read; Error::BadInput: it is larger than `most`.
Result<QByteArray> readPrivateFile(const QString &file, qsizetype most);

/// By atomic replace, for the user alone (mode 0600). Error::Storage; the old file stays then.
Result<Done> writePrivateFile(const QString &file, const QByteArray &bytes);

/// Moves a file that cannot be understood to <file>.broken-<time>, so that nothing is lost.
/// Error::Storage: it stays where it is.
Result<Done> putFileAside(const QString &file);

} // namespace kirotray
