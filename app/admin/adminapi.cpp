// SPDX-License-Identifier: MIT
#include "app/admin/adminapi.h"

#include "app/admin/admincall.h"

#include <optional>

namespace kirotray {

namespace {

constexpr std::array OperationGroups {
    accountOperations, transferOperations, quotaOperations,  flowOperations,
    keyOperations,     loginOperations,    systemOperations, aliasOperations,
};

/// What stands in place of the pattern's '*'; empty text for a pattern without one; nullopt: it is
/// another path.
std::optional<QByteArray> capturedBy(QByteArrayView pattern, const QByteArray &path)
{
    const qsizetype star = pattern.indexOf('*');
    if (star < 0)
        return pattern == path ? std::optional(QByteArray()) : std::nullopt;
    const QByteArrayView before = pattern.first(star);
    const QByteArrayView after = pattern.sliced(star + 1);
    const qsizetype length = path.size() - before.size() - after.size();
    if (length <= 0 || !path.startsWith(before) || !path.endsWith(after))
        return std::nullopt;
    const QByteArray middle = path.sliced(before.size(), length);
    return middle.contains('/') ? std::nullopt : std::optional(middle);
}

} // namespace

AdminApi::AdminApi(AdminServices services, QObject *parent)
    : QObject(parent)
    , m_services(std::move(services))
{
}

AdminApi::~AdminApi() = default;

void AdminApi::handle(const AdminRequest &request, QObject *context, Reply done)
{
    run(AdminCall(m_services, request, context, std::move(done)));
}

void AdminApi::run(AdminCall call)
{
    const AdminRequest &request = call.request();
    QStringList allowed;
    for (const auto &group : OperationGroups) {
        for (const AdminOperation &operation : group()) {
            const std::optional<QByteArray> captured = capturedBy(operation.path, request.path);
            if (!captured)
                continue;
            if (request.method != operation.method) {
                allowed.append(QString::fromLatin1(operation.method));
                continue;
            }
            call.setCaptured(QString::fromUtf8(*captured));
            operation.run(call);
            return;
        }
    }
    const QString what =
        QString::fromLatin1(request.method) + u' ' + QString::fromUtf8(request.path);
    if (allowed.isEmpty())
        call.refuse(404, u"not_found"_s,
                    u"there is no %1; see /api/openapi.json for what there is"_s.arg(what));
    else
        call.refuse(405, u"method_not_allowed"_s,
                    u"%1 is not allowed; use %2"_s.arg(what, allowed.join(u", ")));
}

QStringList AdminApi::operations()
{
    QStringList all;
    for (const auto &group : OperationGroups)
        for (const AdminOperation &operation : group())
            all.append(QString::fromLatin1(operation.method) + u' '
                       + QString::fromLatin1(operation.path));
    return all;
}

} // namespace kirotray
