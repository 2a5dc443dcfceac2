// SPDX-License-Identifier: MIT
#pragma once

#include "app/admin/adminservices.h"
#include "app/gateway/adminmessages.h"

#include <QObject>

#include <functional>
#include <memory>

namespace kirotray {

class AdminCall;

/// The administration as HTTP messages, whoever carries them: the gateway for programs, a console
/// command for itself where no program runs. Paths and shapes stand in resources/api/openapi.json;
/// the paths under /admin are aliases. No answer holds a secret. Main thread.
class AdminApi : public QObject
{
    Q_OBJECT
public:
    explicit AdminApi(AdminServices services, QObject *parent = nullptr);
    ~AdminApi() override;

    using Reply = std::function<void(const AdminReply &)>;
    /// `done` once; never after `context` is gone.
    void handle(const AdminRequest &request, QObject *context, Reply done);

    /// Finds the operation and runs it; for the aliases too.
    static void run(AdminCall call);

    /// "GET /api/accounts", …: every operation there is, for the check against the document.
    static QStringList operations();

private:
    AdminServices m_services;
};

} // namespace kirotray
