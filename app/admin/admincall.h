// SPDX-License-Identifier: MIT
#pragma once

#include "app/admin/adminservices.h"
#include "app/base/json.h"
#include "app/gateway/adminmessages.h"

#include <QPointer>

#include <array>
#include <functional>
#include <span>
#include <string>

namespace kirotray {

/// One request of the admin API on its way to the answer. Copies share the answer: the first one
/// that replies ends it. Main thread.
class AdminCall
{
public:
    AdminCall(AdminServices &services, AdminRequest request, QObject *context,
              std::function<void(const AdminReply &)> done);
    /// Another request in the place of `original`: its answer is the original's.
    AdminCall(const AdminCall &original, AdminRequest request);

    AdminServices &services() const { return m_state->services; }
    const AdminRequest &request() const { return m_state->request; }
    QObject *context() const { return m_state->context; }
    /// What stood in place of the '*' of the path.
    QString captured() const { return m_state->captured; }
    void setCaptured(const QString &text) { m_state->captured = text; }
    QString query(const QString &name) const;

    /// The body as an object; a body that is none is refused, and nullopt comes back. An empty body
    /// is an empty object.
    std::optional<JsonDocument> body() const;

    void reply(int status, std::string json) const;
    void reply(const AdminReply &reply) const;
    void done() const; ///< {"ok": true}
    /// 400 with the path of the mistake, 401, 404, 429, 500, 502 or 504 by the error's code.
    void refuse(const Error &error) const;
    void refuse(int status, const QString &code, const QString &message) const;

private:
    struct State
    {
        AdminServices &services;
        AdminRequest request;
        QPointer<QObject> context;
        std::function<void(const AdminReply &)> done; ///< empty once answered
        QString captured;
    };
    std::shared_ptr<State> m_state;
};

/// One operation. `path` may hold one '*' in place of an id.
struct AdminOperation
{
    const char *method;
    const char *path;
    void (*run)(const AdminCall &call);
};

// Each group in its own file.
std::span<const AdminOperation> accountOperations();
std::span<const AdminOperation> transferOperations();
std::span<const AdminOperation> quotaOperations();
std::span<const AdminOperation> flowOperations();
std::span<const AdminOperation> keyOperations();
std::span<const AdminOperation> loginOperations();
std::span<const AdminOperation> systemOperations();
std::span<const AdminOperation> aliasOperations();

/// Does `ask` for each account and replies {"results": [{id, ok, error, …}]} once all have
/// answered. `more` adds members to a result.
using AskAccount =
    std::function<void(const AccountId &, std::function<void(std::optional<Error>)>)>;
using MoreMembers = std::function<void(JsonWriter &, const AccountId &)>;
void replyForEach(const AdminCall &call, const std::vector<AccountId> &accounts,
                  const AskAccount &ask, MoreMembers more = {});

/// The account of the captured id; refuses with 404 and gives null when there is none.
const Account *accountOf(const AdminCall &call);

} // namespace kirotray
