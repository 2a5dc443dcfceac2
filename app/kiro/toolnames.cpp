// SPDX-License-Identifier: MIT
#include "app/kiro/toolnames.h"

#include "app/base/limits.h"

#include <QCryptographicHash>

#include <algorithm>
#include <unordered_set>

namespace kirotray {

namespace {

constexpr std::size_t KeptNameLength = 54; ///< 54 + 1 + 8 = 63, as kiro.rs does

bool isAsciiLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isToolNameCharacter(char c)
{
    return isAsciiLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool fitsToolName(std::string_view name)
{
    return name.size() <= std::size_t(limits::MaxToolName);
}

/// Each character that is not allowed becomes one `_`; a name that starts with another than a
/// letter gets one in front.
std::string withAllowedCharacters(std::string_view name)
{
    std::string allowed;
    if (name.empty() || !isAsciiLetter(name.front()))
        allowed = "t_";
    for (const char c : name) {
        const bool isContinuation = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
        if (isToolNameCharacter(c))
            allowed.push_back(c);
        else if (!isContinuation)
            allowed.push_back('_');
    }
    return allowed;
}

std::string withNameHash(const std::string &allowed, const std::string &hashed)
{
    const QByteArray digest = QCryptographicHash::hash(
        QByteArrayView(hashed.data(), qsizetype(hashed.size())), QCryptographicHash::Sha256);
    return allowed.substr(0, KeptNameLength) + '_' + digest.toHex().first(8).toStdString();
}

} // namespace

bool isUpstreamToolName(std::string_view name)
{
    return !name.empty() && fitsToolName(name) && isAsciiLetter(name.front())
        && std::all_of(name.begin(), name.end(), isToolNameCharacter);
}

std::vector<std::string> upstreamToolNames(const std::vector<std::string_view> &clientNames)
{
    std::unordered_set<std::string> taken;
    for (const std::string_view name : clientNames)
        if (isUpstreamToolName(name))
            taken.emplace(name);
    std::vector<std::string> names;
    names.reserve(clientNames.size());
    for (const std::string_view clientName : clientNames) {
        if (isUpstreamToolName(clientName)) {
            names.emplace_back(clientName);
            continue;
        }
        const std::string allowed = withAllowedCharacters(clientName);
        std::string name =
            fitsToolName(allowed) ? allowed : withNameHash(allowed, std::string(clientName));
        for (int round = 0; !taken.insert(name).second; ++round)
            name = withNameHash(
                allowed, std::string(clientName) + (round == 0 ? "" : '#' + std::to_string(round)));
        names.push_back(std::move(name));
    }
    return names;
}

} // namespace kirotray
