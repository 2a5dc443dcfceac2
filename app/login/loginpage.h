// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"

#include <QByteArray>
#include <QString>

namespace kirotray {

/// The small pages that a sign-in shows in a browser. They load nothing from anywhere.
struct LoginPage
{
    QString title;
    QString body; ///< HTML: what comes from outside is escaped already
    QString language; ///< en, zh_CN
    int refreshSeconds = 0; ///< 0: the page stays as it is
};

/// One of two texts; English for a language that there is no text for.
QString inLanguage(const QString &language, const char *english, const char *chinese);

QByteArray renderLoginPage(const LoginPage &page);
/// What every answer with such a page carries: it is not stored, not framed, loads nothing, and
/// its address is sent nowhere.
HttpHeaders loginPageHeaders();
HttpResponse loginPageResponse(int status, const LoginPage &page);

} // namespace kirotray
