// SPDX-License-Identifier: MIT
#include "app/gateway/searchtexts.h"

#include "app/base/json.h"

#include <QString>
#include <QUrl>

#include <algorithm>

namespace kirotray {

namespace {

std::string joinedNames(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// Whether the page lies within a domain of the client's list.
bool isWithin(const QUrl &page, const std::string &domain)
{
    QString wanted = QString::fromStdString(domain).trimmed().toLower();
    if (const qsizetype scheme = wanted.indexOf("://"_L1); scheme >= 0)
        wanted = wanted.mid(scheme + 3);
    if (wanted.startsWith("*."_L1))
        wanted = wanted.mid(2);
    const qsizetype slash = wanted.indexOf(u'/');
    const QString site = slash < 0 ? wanted : wanted.left(slash);
    const QString path = slash < 0 ? QString() : wanted.mid(slash);
    const QString host = page.host().toLower();
    if (site.isEmpty() || !(host == site || host.endsWith(u'.' + site)))
        return false;
    return path.size() <= 1 || page.path().startsWith(path, Qt::CaseInsensitive);
}

bool isWithinAny(const QUrl &page, const std::vector<std::string> &domains)
{
    return std::any_of(domains.begin(), domains.end(),
                       [&page](const std::string &domain) { return isWithin(page, domain); });
}

} // namespace

Tool offeredSearchTool(const WebSearchTool &tool, const std::string &name)
{
    Tool offered;
    offered.name = name;
    offered.description =
        "Searches the web and gives the titles, addresses and excerpts of matching pages. Use it "
        "for current events and for facts that may have changed. In the answer, name the pages "
        "that a statement relies on, with their addresses.";
    if (!tool.allowedDomains.empty())
        offered.description +=
            " Only pages of these sites are found: " + joinedNames(tool.allowedDomains) + ".";
    if (!tool.blockedDomains.empty())
        offered.description +=
            " Pages of these sites are left out: " + joinedNames(tool.blockedDomains) + ".";
    offered.inputSchemaJson =
        R"({"type":"object","properties":{"query":{"type":"string","description":)"
        R"("What to search for, at most 200 characters."}},"required":["query"]})";
    return offered;
}

std::string searchQueryOf(const std::string &inputJson)
{
    const Result<JsonDocument> document = JsonDocument::parse(inputJson);
    if (!document)
        return {};
    static constexpr std::string_view blanks = " \t\r\n";
    std::string_view query = document.value().root()["query"].string();
    query.remove_prefix(std::min(query.find_first_not_of(blanks), query.size()));
    return std::string(query.substr(0, query.find_last_not_of(blanks) + 1));
}

WebSearchResult allowedHits(const WebSearchTool &tool, WebSearchResult result)
{
    const auto isExcluded = [&tool](const WebSearchHit &hit) {
        const QUrl page(QString::fromStdString(hit.url));
        return isWithinAny(page, tool.blockedDomains)
            || (!tool.allowedDomains.empty() && !isWithinAny(page, tool.allowedDomains));
    };
    std::erase_if(result.hits, isExcluded);
    return result;
}

} // namespace kirotray
