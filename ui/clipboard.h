// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace kirotray {

void copyText(const QString &text);
/// Marked so that clipboard histories that know the marks do not keep it.
void copySecretText(const QString &text);

} // namespace kirotray
