// SPDX-License-Identifier: MIT
#include "app/http/httpmessage.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

bool isHeaderNamed(const std::pair<QByteArray, QByteArray> &field, QByteArrayView name)
{
    return field.first.compare(name, Qt::CaseInsensitive) == 0;
}

struct StatusPhrase
{
    int status;
    const char *phrase;
};

// RFC 9110 §15 and RFC 6585, in order.
constexpr std::array StatusPhrases = {
    StatusPhrase {100, "Continue"},
    StatusPhrase {101, "Switching Protocols"},
    StatusPhrase {200, "OK"},
    StatusPhrase {201, "Created"},
    StatusPhrase {202, "Accepted"},
    StatusPhrase {203, "Non-Authoritative Information"},
    StatusPhrase {204, "No Content"},
    StatusPhrase {205, "Reset Content"},
    StatusPhrase {206, "Partial Content"},
    StatusPhrase {300, "Multiple Choices"},
    StatusPhrase {301, "Moved Permanently"},
    StatusPhrase {302, "Found"},
    StatusPhrase {303, "See Other"},
    StatusPhrase {304, "Not Modified"},
    StatusPhrase {305, "Use Proxy"},
    StatusPhrase {307, "Temporary Redirect"},
    StatusPhrase {308, "Permanent Redirect"},
    StatusPhrase {400, "Bad Request"},
    StatusPhrase {401, "Unauthorized"},
    StatusPhrase {402, "Payment Required"},
    StatusPhrase {403, "Forbidden"},
    StatusPhrase {404, "Not Found"},
    StatusPhrase {405, "Method Not Allowed"},
    StatusPhrase {406, "Not Acceptable"},
    StatusPhrase {407, "Proxy Authentication Required"},
    StatusPhrase {408, "Request Timeout"},
    StatusPhrase {409, "Conflict"},
    StatusPhrase {410, "Gone"},
    StatusPhrase {411, "Length Required"},
    StatusPhrase {412, "Precondition Failed"},
    StatusPhrase {413, "Content Too Large"},
    StatusPhrase {414, "URI Too Long"},
    StatusPhrase {415, "Unsupported Media Type"},
    StatusPhrase {416, "Range Not Satisfiable"},
    StatusPhrase {417, "Expectation Failed"},
    StatusPhrase {421, "Misdirected Request"},
    StatusPhrase {422, "Unprocessable Content"},
    StatusPhrase {426, "Upgrade Required"},
    StatusPhrase {428, "Precondition Required"},
    StatusPhrase {429, "Too Many Requests"},
    StatusPhrase {431, "Request Header Fields Too Large"},
    StatusPhrase {500, "Internal Server Error"},
    StatusPhrase {501, "Not Implemented"},
    StatusPhrase {502, "Bad Gateway"},
    StatusPhrase {503, "Service Unavailable"},
    StatusPhrase {504, "Gateway Timeout"},
    StatusPhrase {505, "HTTP Version Not Supported"},
    StatusPhrase {511, "Network Authentication Required"},
};

} // namespace

void HttpHeaders::append(QByteArray name, QByteArray value)
{
    m_fields.emplace_back(std::move(name), std::move(value));
}

QByteArray HttpHeaders::value(QByteArrayView name) const
{
    const auto found = std::ranges::find_if(
        m_fields, [name](const auto &field) { return isHeaderNamed(field, name); });
    return found == m_fields.end() ? QByteArray() : found->second;
}

bool HttpHeaders::contains(QByteArrayView name) const
{
    return count(name) > 0;
}

qsizetype HttpHeaders::count(QByteArrayView name) const
{
    return std::ranges::count_if(m_fields,
                                 [name](const auto &field) { return isHeaderNamed(field, name); });
}

QByteArray queryValue(const QByteArray &query, QByteArrayView name)
{
    for (const QByteArray &part : query.split('&')) {
        const qsizetype equals = part.indexOf('=');
        const QByteArray key = equals < 0 ? part : part.left(equals);
        if (QByteArray::fromPercentEncoding(key) != name)
            continue;
        const QByteArray value = equals < 0 ? QByteArray() : part.mid(equals + 1);
        return value.isEmpty() ? QByteArray("") : QByteArray::fromPercentEncoding(value);
    }
    return {};
}

QByteArray reasonPhrase(int status)
{
    const auto found = std::ranges::lower_bound(StatusPhrases, status, {}, &StatusPhrase::status);
    if (found == StatusPhrases.end() || found->status != status)
        return "Unknown";
    return found->phrase;
}

} // namespace kirotray
