// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/secret.h"

#include <QString>
#include <QUrl>

namespace kirotray {

enum class Snippet { ClaudeBash, ClaudePowerShell, Curl };

/// Lines to paste into a shell so that a client program finds the proxy. They hold the key. With an
/// empty key (none is required) a placeholder stands in its place, because clients insist on one.
QString snippetText(Snippet snippet, const QUrl &baseUrl, const Secret &key);

} // namespace kirotray
