// SPDX-License-Identifier: MIT
#pragma once

#include "app/gateway/adminmessages.h"
#include "app/gateway/replies.h"
#include "app/http/httpexchange.h"

#include <QObject>

#include <map>

namespace kirotray {

/// Carries requests that the main thread answers over to it, and its answers back:
/// limits::MaxAdminCalls at once, limits::AdminTimeout each. Gateway thread.
class AdminRelay : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// The guard has let the request in.
    void take(AdminRequest::Kind kind, HttpExchange exchange, const ReplyStamp &stamp);
    void answer(quint64 id, const AdminReply &reply); ///< unknown ids are ignored

signals:
    void requested(const kirotray::AdminRequest &request);

private:
    struct Waiting
    {
        HttpExchange exchange;
        ReplyStamp stamp;
    };
    std::map<quint64, Waiting> m_waiting;
    quint64 m_lastId = 0;
};

} // namespace kirotray
