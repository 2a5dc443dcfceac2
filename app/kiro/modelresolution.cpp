// SPDX-License-Identifier: MIT
#include "app/kiro/kirotables.h"

#include <QRegularExpression>
#include <QVersionNumber>

#include <array>

namespace kirotray {

namespace {

using ModelPattern = QRegularExpression;

/// A client's name taken apart (kiro-protocol §9.1 no. 2).
struct ClientModelName
{
    QString base; ///< lower case, without provider, brackets and suffixes
    bool wantsMillion = false; ///< [1m] or -1m
};

/// "openrouter/anthropic/x", "models/x", "us.anthropic.x" → "x".
QString withoutProvider(QString name)
{
    name = name.mid(name.lastIndexOf(u'/') + 1);
    static constexpr QLatin1StringView bedrock {"anthropic."};
    if (const qsizetype at = name.lastIndexOf(bedrock); at >= 0)
        name = name.mid(at + bedrock.size());
    return name;
}

ClientModelName takeApart(const QString &clientName)
{
    // A date has eight digits, so it is never taken for a minor version.
    static const ModelPattern suffix(
        uR"((?:-(?:thinking|agentic|latest|\d{8}|v\d+(?:[:-]\d+)?)|@\d{8})\z)"_s);
    static const ModelPattern brackets(uR"(\s*\[([^\]]*)\]\z)"_s);
    static constexpr QLatin1StringView million {"-1m"};
    ClientModelName name {withoutProvider(clientName.trimmed().toLower())};
    if (name.base.startsWith("claude_"_L1)) // the ids of 2025, §9.2
        name.base.replace(u'_', u'-');
    for (;;) {
        if (const auto match = brackets.match(name.base); match.hasMatch()) {
            name.wantsMillion = name.wantsMillion || match.captured(1) == "1m"_L1;
            name.base.truncate(match.capturedStart());
        } else if (const auto tail = suffix.match(name.base); tail.hasMatch()) {
            name.base.truncate(tail.capturedStart());
        } else if (name.base.endsWith(million)) {
            name.wantsMillion = true;
            name.base.chop(million.size());
        } else {
            return name;
        }
    }
}

/// Claude names as the upstream writes them; others unchanged (§9.1 no. 3).
QString normalisedClaude(const QString &name)
{
    static const ModelPattern usual(
        uR"(\A(?:claude-)?(opus|sonnet|haiku|fable)-(\d{1,2})(?:[-.](\d{1,2}))?\z)"_s);
    static const ModelPattern oldOrder(
        uR"(\Aclaude-(\d{1,2})(?:[-.](\d{1,2}))?-(opus|sonnet|haiku|fable)\z)"_s);
    const auto joined = [](const QString &family, const QString &major, const QString &minor) {
        const QString id = "claude-"_L1 + family + u'-' + major;
        return minor.isEmpty() ? id : id + u'.' + minor;
    };
    if (const auto match = usual.match(name); match.hasMatch())
        return joined(match.captured(1), match.captured(2), match.captured(3));
    if (const auto match = oldOrder.match(name); match.hasMatch())
        return joined(match.captured(3), match.captured(1), match.captured(2));
    return name;
}

/// Whether `text` is `pattern` with each * replaced by anything. Linear but for the stars.
bool matchesPattern(QStringView text, QStringView pattern)
{
    qsizetype at = 0;
    qsizetype in = 0;
    qsizetype star = -1;
    qsizetype resume = 0;
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == u'*') {
            star = in++;
            resume = at;
        } else if (in < pattern.size() && pattern[in] == text[at]) {
            ++in;
            ++at;
        } else if (star >= 0) {
            in = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (in < pattern.size() && pattern[in] == u'*')
        ++in;
    return in == pattern.size();
}

QString aliasOf(const KiroTables &tables, const QString &name)
{
    for (const KiroModelAlias &alias : tables.aliases)
        if (matchesPattern(name, alias.pattern))
            return alias.model;
    return {};
}

/// The highest version of a family that the name mentions; empty when it mentions none.
QString newestOfFamily(const KiroTables &tables, const QString &name)
{
    for (const QLatin1StringView family : {"opus"_L1, "sonnet"_L1, "haiku"_L1, "fable"_L1}) {
        if (!name.contains(family))
            continue;
        const QString stem = "claude-"_L1 + family + u'-';
        QString newest;
        QVersionNumber highest;
        for (const KiroModel &model : tables.models) {
            const QString id = QString::fromStdString(model.info.id);
            if (!id.startsWith(stem))
                continue;
            const QVersionNumber version = QVersionNumber::fromString(id.mid(stem.size()));
            if (newest.isEmpty() || version > highest) {
                newest = id;
                highest = version;
            }
        }
        if (!newest.isEmpty())
            return newest;
    }
    return {};
}

QString withoutVariant(const KiroTables &tables, const QString &clientName,
                       const ClientModelName &name)
{
    const QString normalised = normalisedClaude(name.base);
    for (const QString &id : {name.base, normalised})
        if (findModel(tables, id) != nullptr)
            return id;
    // The whole name too: an alias may name a suffix or a provider.
    for (const QString &key : {clientName.trimmed().toLower(), name.base, normalised})
        if (const QString model = aliasOf(tables, key); !model.isEmpty())
            return model;
    return newestOfFamily(tables, name.base);
}

} // namespace

const KiroModel *findModel(const KiroTables &tables, const QString &kiroId)
{
    const std::string id = kiroId.toStdString();
    for (const KiroModel &model : tables.models)
        if (model.info.id == id)
            return &model;
    return nullptr;
}

QString resolveModel(const KiroTables &tables, const QString &clientName)
{
    if (findModel(tables, clientName) != nullptr)
        return clientName;
    const ClientModelName name = takeApart(clientName);
    const QString resolved = withoutVariant(tables, clientName, name);
    if (resolved.isEmpty())
        return tables.defaultModel;
    const QString million = resolved + "-1m"_L1;
    return name.wantsMillion && findModel(tables, million) != nullptr ? million : resolved;
}

} // namespace kirotray
