// SPDX-License-Identifier: MIT
#include "app/flows/flowstore.h"

namespace kirotray {

bool isFailure(const FlowRecord &record)
{
    return record.outcome != u"ok" && record.outcome != u"client-gone";
}

QString modelOf(const FlowRecord &record)
{
    return record.modelUsed.isEmpty() ? record.modelAsked : record.modelUsed;
}

QString searchTextOf(const FlowEntry &entry)
{
    const FlowRecord &record = entry.record;
    const QStringList parts {record.id,        record.modelAsked, record.modelUsed,
                             record.accountId, record.client,     record.clientKey,
                             record.outcome,   entry.note,        entry.tags.join(u'\n')};
    return parts.join(u'\n').toCaseFolded();
}

Error unknownFlow()
{
    return {Error::Code::BadInput, u"There is no such flow."_s};
}

} // namespace kirotray
