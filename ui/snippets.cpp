// SPDX-License-Identifier: MIT
#include "ui/snippets.h"

#include "app/base/result.h"
#include "ui/statustext.h"

namespace kirotray {

namespace {

QString bashQuoted(QString text)
{
    return u'\'' + text.replace(u'\'', u"'\\''"_s) + u'\'';
}

QString powerShellQuoted(QString text)
{
    return u'\'' + text.replace(u'\'', u"''"_s) + u'\'';
}

} // namespace

QString snippetText(Snippet snippet, const QUrl &baseUrl, const Secret &key)
{
    // Without /v1: Claude Code adds it (clients.md).
    const QString address = addressText(baseUrl);
    const QString token = key.isEmpty() ? u"none"_s : QString::fromUtf8(key.reveal());
    switch (snippet) {
    case Snippet::ClaudeBash:
        return u"export ANTHROPIC_BASE_URL="_s + bashQuoted(address)
            + u"\nexport ANTHROPIC_AUTH_TOKEN="_s + bashQuoted(token) + u'\n';
    case Snippet::ClaudePowerShell:
        return u"$env:ANTHROPIC_BASE_URL = "_s + powerShellQuoted(address)
            + u"\n$env:ANTHROPIC_AUTH_TOKEN = "_s + powerShellQuoted(token) + u'\n';
    case Snippet::Curl:
        return u"curl "_s + bashQuoted(address + u"/v1/models"_s) + u" -H "_s
            + bashQuoted(u"Authorization: Bearer "_s + token) + u'\n';
    }
    return {};
}

} // namespace kirotray
