// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QMetaType>
#include <QString>
#include <QUrlQuery>

#include <utility>
#include <vector>

namespace kirotray {

/// A request that the main thread answers: the admin API under /api (and its aliases under /admin),
/// GET /v1/usage, the pages of remote sign-ins. The gateway has checked who sent it. A value.
struct AdminRequest
{
    enum class Kind { Admin, Usage, RemoteLogin };
    quint64 id = 0; ///< of the waiting exchange
    Kind kind = Kind::Admin;
    QByteArray method;
    QByteArray path; ///< decoded, normalised: /api/accounts/1
    QUrlQuery query;
    QByteArray body; ///< at most limits::MaxAdminBody
    QByteArray contentType;
    QString language; ///< of Accept-Language: en or zh_CN
    QString baseUrl; ///< of this server, as the caller named it
};

struct AdminReply
{
    int status = 200;
    QByteArray contentType = "application/json";
    QByteArray body;
    std::vector<std::pair<QByteArray, QByteArray>> headers = {}; ///< of a page; beside contentType
};

} // namespace kirotray

Q_DECLARE_METATYPE(kirotray::AdminRequest)
Q_DECLARE_METATYPE(kirotray::AdminReply)
