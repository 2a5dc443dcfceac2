// SPDX-License-Identifier: MIT
#include "app/kiro/modelchoice.h"

#include "app/kiro/namepattern.h"

#include <QRegularExpression>
#include <QVersionNumber>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

using ModelPattern = QRegularExpression;
using ModelRows = std::span<const KiroModel>;

/// Characters; longer names are no model's, and taking them apart would cost time.
constexpr qsizetype MaxModelName = 256;

/// A client's name taken apart (kiro-protocol §9.1 no. 2).
struct ClientModelName
{
    QString base; ///< lower case, without provider, brackets and suffixes
    bool wantsMillion = false; ///< [1m] or -1m
    bool wantsThinking = false;
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

/// Removes one suffix; false when there is none.
bool dropSuffix(ClientModelName &name, const QString &thinkingSuffix)
{
    // A date has eight digits, so it is never taken for a minor version.
    static const ModelPattern suffix(
        uR"((?:-(?:thinking|agentic|latest|\d{8}|v\d+(?:[:-]\d+)?)|@\d{8})\z)"_s);
    static const ModelPattern brackets(uR"(\s*\[([^\]]*)\]\z)"_s);
    static constexpr QLatin1StringView million {"-1m"};
    QString &base = name.base;
    if (!thinkingSuffix.isEmpty() && base.size() > thinkingSuffix.size()
        && base.endsWith(thinkingSuffix)) {
        name.wantsThinking = true;
        base.chop(thinkingSuffix.size());
    } else if (const auto match = brackets.match(base); match.hasMatch()) {
        name.wantsMillion = name.wantsMillion || match.captured(1) == "1m"_L1;
        base.truncate(match.capturedStart());
    } else if (const auto tail = suffix.match(base); tail.hasMatch()) {
        base.truncate(tail.capturedStart());
    } else if (base.endsWith(million)) {
        name.wantsMillion = true;
        base.chop(million.size());
    } else {
        return false;
    }
    return true;
}

ClientModelName takeApart(const QString &lowerName, const QString &thinkingSuffix)
{
    ClientModelName name {withoutProvider(lowerName)};
    if (name.base.startsWith("claude_"_L1)) // the ids of 2025, §9.2
        name.base.replace(u'_', u'-');
    const QString lowerSuffix = thinkingSuffix.trimmed().toLower();
    while (dropSuffix(name, lowerSuffix)) { }
    return name;
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

const KiroModelAlias *aliasOf(const KiroTables &tables, const QString &name)
{
    const auto found = std::find_if(
        tables.aliases.begin(), tables.aliases.end(),
        [&name](const KiroModelAlias &alias) { return matchesPattern(name, alias.pattern); });
    return found == tables.aliases.end() ? nullptr : &*found;
}

const KiroModel *rowOf(ModelRows rows, const QString &id)
{
    const std::string wanted = id.toStdString();
    const auto found = std::find_if(rows.begin(), rows.end(), [&wanted](const KiroModel &row) {
        return row.info.id == wanted;
    });
    return found == rows.end() ? nullptr : &*found;
}

const KiroModel *rowWithoutCase(ModelRows rows, const QString &id)
{
    const auto found = std::find_if(rows.begin(), rows.end(), [&id](const KiroModel &row) {
        return QString::fromStdString(row.info.id).compare(id, Qt::CaseInsensitive) == 0;
    });
    return found == rows.end() ? nullptr : &*found;
}

/// The listed id with the highest version behind `stem`; a bare version goes before one with words
/// behind it. Empty when none has a version.
QString newestOf(ModelRows rows, const QString &stem)
{
    struct Rank
    {
        bool isBare = false;
        QVersionNumber version;
    };
    QString newest;
    Rank highest;
    for (const KiroModel &row : rows) {
        const QString id = QString::fromStdString(row.info.id);
        if (stem.isEmpty() || !id.startsWith(stem))
            continue;
        const QString rest = id.mid(stem.size());
        qsizetype end = 0;
        const Rank rank {false, QVersionNumber::fromString(rest, &end)};
        if (rank.version.isNull())
            continue;
        const bool isBare = end == rest.size();
        if (newest.isEmpty() || (isBare && !highest.isBare)
            || (isBare == highest.isBare && rank.version > highest.version)) {
            newest = id;
            highest = {isBare, rank.version};
        }
    }
    return newest;
}

/// An upstream id without its version: "claude-opus-4.5" → "claude-opus-". Empty when it has none.
QString familyStem(const QString &id)
{
    static const ModelPattern version(uR"(\A(.+?)\d+(?:\.\d+)*(?:-1m)?\z)"_s);
    return version.match(id).captured(1);
}

/// A search for one name. Each step gives an id, with `rule` set, or nothing.
struct ModelSearch
{
    const KiroTables &tables;
    ModelRows rows;
    ClientModelName name;
    QString lowerName; ///< the whole one
    QString rule = {};

    QString listedSpelling()
    {
        if (rowOf(rows, name.base) != nullptr) {
            rule = u"name without prefix and suffixes"_s;
            return name.base;
        }
        const QString normalised = normalisedClaude(name.base);
        if (rowOf(rows, normalised) == nullptr)
            return {};
        rule = u"Claude name in another spelling"_s;
        return normalised;
    }

    QString byAlias()
    {
        // The whole name too: an alias may name a suffix or a provider.
        for (const QString &key : {lowerName, name.base, normalisedClaude(name.base)}) {
            const KiroModelAlias *alias = aliasOf(tables, key);
            if (alias == nullptr)
                continue;
            rule = u"alias "_s + alias->pattern;
            if (rowOf(rows, alias->model) != nullptr)
                return alias->model;
            const QString newest = newestOf(rows, familyStem(alias->model));
            if (newest.isEmpty())
                return alias->model;
            rule += u", newest of its family"_s;
            return newest;
        }
        return {};
    }

    QString byFamily()
    {
        for (const QLatin1StringView family : {"opus"_L1, "sonnet"_L1, "haiku"_L1, "fable"_L1}) {
            if (!name.base.contains(family))
                continue;
            const QString newest = newestOf(rows, "claude-"_L1 + family + u'-');
            if (newest.isEmpty())
                continue;
            rule = u"newest "_s + family;
            return newest;
        }
        return {};
    }

    /// A Claude name that no list has, in the upstream's spelling: what the client means is clear.
    QString unlistedClaude()
    {
        const QString normalised = normalisedClaude(name.base);
        if (!normalised.startsWith("claude-"_L1) || familyStem(normalised).isEmpty())
            return {};
        rule = u"Claude name, not listed"_s;
        return normalised;
    }

    QString find()
    {
        QString id = listedSpelling();
        if (id.isEmpty())
            id = byAlias();
        if (id.isEmpty())
            id = byFamily();
        if (id.isEmpty())
            id = unlistedClaude();
        const QString twin = id + "-1m"_L1;
        if (!id.isEmpty() && name.wantsMillion && rowOf(rows, twin) != nullptr) {
            rule += u", 1M context"_s;
            return twin;
        }
        return id;
    }
};

ModelChoice completed(ModelChoice choice, const KiroTables &tables, ModelRows rows)
{
    const KiroModel *row = rowOf(rows, choice.id);
    if (row == nullptr)
        row = rowOf(tables.models, choice.id);
    if (row != nullptr)
        choice.model = std::make_shared<const KiroModel>(*row);
    return choice;
}

ModelChoice choiceFor(const KiroTables &tables, ModelRows rows, const QString &asked,
                      const QString &thinkingSuffix)
{
    if (const KiroModel *row = rowOf(rows, asked); row != nullptr)
        return {asked, false, {}, u"exact name"_s};
    if (const KiroModel *row = rowWithoutCase(rows, asked); row != nullptr)
        return {QString::fromStdString(row->info.id), false, {}, u"exact name"_s};
    bool wantsThinking = false;
    if (!asked.isEmpty() && asked.size() <= MaxModelName) {
        const QString lower = asked.toLower();
        ModelSearch search {tables, rows, takeApart(lower, thinkingSuffix), lower};
        wantsThinking = search.name.wantsThinking;
        if (const QString id = search.find(); !id.isEmpty())
            return {id, wantsThinking, {}, search.rule};
    }
    if (!tables.defaultModel.isEmpty())
        return {tables.defaultModel, wantsThinking, {}, u"default model"_s};
    if (asked.isEmpty())
        return {u"auto"_s, false, {}, u"no model named"_s};
    return {asked, false, {}, u"unknown name, passed on"_s};
}

} // namespace

ModelChoice chooseModel(const KiroTables &tables, std::span<const KiroModel> listed,
                        const QString &clientName, const QString &thinkingSuffix)
{
    const ModelRows rows = listed.empty() ? ModelRows(tables.models) : listed;
    return completed(choiceFor(tables, rows, clientName.trimmed(), thinkingSuffix), tables, rows);
}

const KiroModel *findModel(const KiroTables &tables, const QString &kiroId)
{
    return rowOf(tables.models, kiroId);
}

} // namespace kirotray
